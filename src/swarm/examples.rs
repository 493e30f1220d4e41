//! Invented stacks and objects for the tests of `swarm`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::observed::inventory::Reference;
use super::observed::labels::Labels;
use super::observed::object::SwarmObject;
use crate::secret::SecretBytes;
use crate::stack::{
    DesiredStack, HeldContent, NamePattern, ObjectKind, ObjectName, Origin, StackName, StackObject,
    Version,
};

pub(crate) fn stack_name(name: &str) -> StackName {
    StackName::parse(name).expect("examples have good names")
}

pub(crate) fn object_name(name: &str) -> ObjectName {
    ObjectName::parse(name).expect("examples have good names")
}

/// The id of an invented blob.
pub(crate) fn blob(version: u32) -> String {
    format!("{version:08x}").repeat(5)
}

pub(crate) fn commit(number: u32) -> String {
    format!("{number:08x}").repeat(5)
}

/// A version of the secret `key` of a stack `web`, made at commit 1.
pub(crate) fn secret(key: &str, version: u32) -> StackObject {
    object(ObjectKind::Secret, key, version)
}

pub(crate) fn object(kind: ObjectKind, key: &str, version: u32) -> StackObject {
    let blob = blob(version);
    let version = Version::from_hex(&blob, 32).expect("a blob id is hexadecimal");
    StackObject {
        kind,
        entry: key.to_owned(),
        name: object_name(&format!("web_{key}-{version}")),
        pattern: NamePattern {
            prefix: format!("web_{key}-"),
            suffix: String::new(),
        },
        version,
        origin: Origin {
            path: format!("{kind}s/{key}"),
            blob,
            commit: Some(commit(1)),
        },
        template_driver: None,
        labels: BTreeMap::new(),
        place: "web/stack.yml:1".to_owned(),
        variable: key.to_uppercase(),
        is_named_by_variable: false,
        is_encrypted_in_git: false,
        content: HeldContent::plain(SecretBytes::default()),
    }
}

pub(crate) fn stack(name: &str, objects: impl IntoIterator<Item = StackObject>) -> DesiredStack {
    DesiredStack {
        name: stack_name(name),
        objects: objects.into_iter().collect(),
        externals: Vec::new(),
        services: Vec::new(),
    }
}

/// The time that counts as now in the examples.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("it is in range")
}

/// `object` as the Swarm would list it if it was created `minutes` ago.
pub(crate) fn held(stack: &str, object: &StackObject, minutes: i64) -> SwarmObject {
    SwarmObject {
        id: format!("{}:{}", object.kind, object.name),
        kind: object.kind,
        name: object.name.to_string(),
        labels: Labels::of_new(&stack_name(stack), object),
        created_at: now() - SignedDuration::from_mins(minutes),
        template_driver: object.template_driver.clone(),
        driver: None,
    }
}

/// The labels that `docker stack deploy` sets.
pub(crate) fn namespace(stack: &str) -> Labels {
    let label = "com.docker.stack.namespace".to_owned();
    BTreeMap::from([(label, stack.to_owned())]).into()
}

pub(crate) fn reference(object: &SwarmObject) -> Reference {
    Reference {
        kind: object.kind,
        id: object.id.clone(),
        name: Some(object.name.clone()),
    }
}
