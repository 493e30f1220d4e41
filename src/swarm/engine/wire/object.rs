//! Secrets and configs in the daemon's listings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::stack::ObjectKind;
use crate::swarm::observed::object::SwarmObject;

/// An item of `GET /secrets` or `GET /configs`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireObject {
    #[serde(rename = "ID")]
    id: String,
    created_at: Timestamp,
    spec: ObjectSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectSpec {
    name: String,
    labels: Option<BTreeMap<String, String>>,
    templating: Option<ObjectDriver>,
    driver: Option<ObjectDriver>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectDriver {
    #[serde(default)]
    name: String,
}

impl WireObject {
    pub(crate) fn read(self, kind: ObjectKind) -> SwarmObject {
        let name_of = |driver: Option<ObjectDriver>| {
            driver
                .map(|driver| driver.name)
                .filter(|name| !name.is_empty())
        };
        SwarmObject {
            id: self.id,
            kind,
            name: self.spec.name,
            labels: self.spec.labels.unwrap_or_default().into(),
            created_at: self.created_at,
            template_driver: name_of(self.spec.templating),
            driver: name_of(self.spec.driver),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_without_its_content() {
        let config: WireObject = serde_json::from_str(
            r#"{"ID": "i1", "Version": {"Index": 11}, "CreatedAt": "2026-11-22T16:42:22.299613705Z",
                "Spec": {"Name": "c", "Labels": {"a": "b"}, "Data": "AAAA", "Templating": {"Name": "golang"}}}"#,
        )
        .expect("it is the API's form");
        let config = config.read(ObjectKind::Config);
        assert_eq!((config.id.as_str(), config.name.as_str()), ("i1", "c"));
        assert_eq!(config.template_driver.as_deref(), Some("golang"));
        assert_eq!(config.driver, None);
        let bare = r#"{"ID": "i", "CreatedAt": "2026-11-22T16:42:22Z", "Spec": {"Name": "s", "Labels": null}}"#;
        let bare: WireObject = serde_json::from_str(bare).expect("labels may be null");
        assert_eq!(bare.read(ObjectKind::Secret).labels, BTreeMap::new().into());
    }
}
