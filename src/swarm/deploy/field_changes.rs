//! The changes of services' fields that a deployment makes: a pure function of stack file and Swarm.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::stack::ServiceFields;

/// A field of a service that a deployment changes. It holds no value of a variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub(crate) enum FieldChange {
    /// The field has another value.
    Replaced {
        field: &'static str,
        before: String,
        after: String,
    },
    /// The field gets back the value that it was deployed with, after somebody has changed it in the Swarm.
    Restored {
        field: &'static str,
        before: String,
        after: String,
    },
    /// The field gets one more item.
    Added { field: &'static str, item: String },
    /// The field loses an item.
    Removed { field: &'static str, item: String },
    /// A variable has another value.
    Changed { field: &'static str, item: String },
}

/// The changes from the fields that are `there` to those that are `wanted`. Fields that are not known are left out.
pub(crate) fn field_changes(wanted: &ServiceFields, there: &ServiceFields) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let is_known = |field: &str| !wanted.unknown.contains(field);
    let by_hand = there.image_by_hand.as_ref();
    // Docker looks at the image that it has deployed. If that is the wanted one, it depends on its arguments.
    let is_restored = is_known(ServiceFields::IMAGE) && there.image == wanted.image;
    if let Some(before) = by_hand.filter(|_| is_restored) {
        changes.push(FieldChange::Restored {
            field: ServiceFields::IMAGE,
            before: before.clone(),
            after: wanted.image.clone(),
        });
    }
    let mut replace = |field, before: &str, after: &str| {
        if before != after {
            changes.push(FieldChange::Replaced {
                field,
                before: before.to_owned(),
                after: after.to_owned(),
            });
        }
    };
    if is_known(ServiceFields::IMAGE) && !is_restored {
        let before = by_hand.unwrap_or(&there.image);
        replace(ServiceFields::IMAGE, before, &wanted.image);
    }
    if is_known(ServiceFields::REPLICAS) {
        replace(ServiceFields::REPLICAS, &there.replicas, &wanted.replicas);
    }
    if is_known(ServiceFields::LIMITS) {
        replace("CPU limit", &cpus(there.cpus), &cpus(wanted.cpus));
        replace(
            "memory limit",
            &memory(there.memory),
            &memory(wanted.memory),
        );
    }
    if is_known(ServiceFields::ENVIRONMENT) {
        changes.extend(variable_changes(wanted, there));
    }
    if is_known(ServiceFields::MOUNTS) {
        let field = ServiceFields::MOUNTS;
        changes.extend(item_changes(field, &wanted.mounts, &there.mounts));
    }
    if is_known(ServiceFields::PORTS) {
        changes.extend(item_changes(
            ServiceFields::PORTS,
            &wanted.ports,
            &there.ports,
        ));
    }
    changes
}

/// The changes of variables. Names that stand only in a secret `env_file` are not in the Swarm yet, and are counted.
fn variable_changes(wanted: &ServiceFields, there: &ServiceFields) -> Vec<FieldChange> {
    let field = ServiceFields::ENVIRONMENT;
    let names = |fields: &ServiceFields| fields.environment.keys().cloned().collect();
    let mut changes = item_changes(field, &names(wanted), &names(there));
    let mut secret: BTreeMap<&str, usize> = BTreeMap::new();
    changes.retain(|change| {
        let file = match change {
            FieldChange::Added { item, .. } => wanted.secret_names.get(item),
            _ => None,
        };
        if let Some(file) = file {
            *secret.entry(file).or_default() += 1;
        }
        file.is_none()
    });
    changes.extend(secret.into_iter().map(|(file, count)| {
        let item = match count {
            1 => format!("a variable of {file}"),
            count => format!("{count} variables of {file}"),
        };
        FieldChange::Added { field, item }
    }));
    let others = wanted.environment.iter().filter(|(name, value)| {
        let before = there.environment.get(*name);
        value.is_some() && before.is_some_and(|before| before != *value)
    });
    changes.extend(others.map(|(name, _)| FieldChange::Changed {
        field,
        item: name.clone(),
    }));
    changes
}

fn item_changes(
    field: &'static str,
    wanted: &BTreeSet<String>,
    there: &BTreeSet<String>,
) -> Vec<FieldChange> {
    let removed = there.difference(wanted).cloned();
    let removed = removed.map(|item| FieldChange::Removed { field, item });
    let added = wanted.difference(there).cloned();
    let added = added.map(|item| FieldChange::Added { field, item });
    removed.chain(added).collect()
}

fn cpus(limit: Option<u64>) -> String {
    limit.map_or_else(
        || "none".to_owned(),
        |billionths| {
            let (whole, part) = (billionths / 1_000_000_000, billionths % 1_000_000_000);
            let text = format!("{whole}.{part:09}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        },
    )
}

fn memory(limit: Option<u64>) -> String {
    const MIB: u64 = 1 << 20;
    match limit {
        None => "none".to_owned(),
        Some(bytes) if bytes % MIB == 0 => format!("{} MiB", bytes / MIB),
        Some(bytes) => format!("{bytes} bytes"),
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced {
                field,
                before,
                after,
            } => write!(formatter, "{field}: {before} -> {after}"),
            Self::Restored {
                field,
                before,
                after,
            } => write!(
                formatter,
                "{field}: {before} -> {after} (was changed by hand; `--resolve-image never` and `changed` leave it so)"
            ),
            Self::Added { field, item } => write!(formatter, "{field}: + {item}"),
            Self::Removed { field, item } => write!(formatter, "{field}: - {item}"),
            Self::Changed { field, item } => write!(formatter, "{field}: ~ {item}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::ValueDigest;

    #[test]
    fn each_changed_field_is_told_and_no_value() {
        let there = ServiceFields {
            image: "a:1".to_owned(),
            image_by_hand: None,
            environment: [("A", "hunter2"), ("B", "hunter2"), ("N", "1.5")]
                .map(|(name, value)| (name.to_owned(), Some(ValueDigest::of(value))))
                .into(),
            mounts: ["volume web_data at /d".to_owned()].into(),
            ports: ["80:80/tcp".to_owned()].into(),
            replicas: "1".to_owned(),
            cpus: None,
            memory: Some(64 << 20),
            secret_names: [("C".to_owned(), "c.env".to_owned())].into(),
            unknown: BTreeSet::new(),
        };
        assert_eq!(field_changes(&there, &there), []);
        let mut wanted = ServiceFields {
            image: "a:2".to_owned(),
            environment: [("A", Some("hunter3")), ("C", Some("x")), ("N", None)]
                .map(|(name, value)| (name.to_owned(), value.map(ValueDigest::of)))
                .into(),
            mounts: BTreeSet::new(),
            replicas: "3".to_owned(),
            cpus: Some(1_250_000_000),
            memory: Some(1000),
            ..there.clone()
        };
        let told = |wanted: &ServiceFields| {
            let changes = field_changes(wanted, &there).into_iter();
            changes.map(|change| change.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            told(&wanted),
            [
                "image: a:1 -> a:2",
                "replicas: 1 -> 3",
                "CPU limit: none -> 1.25",
                "memory limit: 64 MiB -> 1000 bytes",
                "environment: - B",
                "environment: + a variable of c.env",
                "environment: ~ A",
                "mounts: - volume web_data at /d",
            ]
        );
        for name in ["C", "D", "E"] {
            let (name, value) = (name.to_owned(), Some(ValueDigest::of("x")));
            wanted.secret_names.insert(name.clone(), "c.env".to_owned());
            wanted.environment.insert(name, value);
        }
        let three = "environment: + 3 variables of c.env".to_owned();
        assert!(told(&wanted).contains(&three), "{:?}", told(&wanted));
        wanted.unknown = ["environment", "mounts", "limits", "replicas"].into();
        assert_eq!(told(&wanted), ["image: a:1 -> a:2"]);
    }

    #[test]
    fn an_image_that_was_changed_by_hand_goes_back() {
        let there = ServiceFields {
            image: "a:1".to_owned(),
            image_by_hand: Some("b:1".to_owned()),
            ..ServiceFields::default()
        };
        let told = |image: &str| {
            let image = image.to_owned();
            let wanted = ServiceFields {
                image,
                ..ServiceFields::default()
            };
            let changes = field_changes(&wanted, &there).into_iter();
            changes.map(|change| change.to_string()).collect::<Vec<_>>()
        };
        let back = "image: b:1 -> a:1 (was changed by hand; `--resolve-image never` and `changed` leave it so)";
        assert_eq!(told("a:1"), [back]);
        assert_eq!(told("a:2"), ["image: b:1 -> a:2"]);
        assert_eq!(told("b:1"), [""; 0]);
    }
}
