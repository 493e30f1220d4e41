//! Which secrets and configs the services of a stack file use.

use super::compose::{ComposeError, Service};
use super::document::{NodeId, Pair};
use super::object::{DesiredService, ObjectKind};
use super::reader::Reader;

impl Reader<'_> {
    /// The services, with the entries that each of them uses in any form.
    pub(super) fn services(&self, section: &Pair) -> Result<Vec<Service>, ComposeError> {
        if self.document.is_null(section.value) {
            return Ok(Vec::new());
        }
        let mut services = Vec::new();
        for pair in self.mapping(section.value, "services")? {
            let name = self.document.key(pair.key).to_owned();
            let place = format!("services.{name}");
            let mut uses = Vec::new();
            let mut lines = Vec::new();
            let mut add = |kind, key, line| {
                let used = (kind, key);
                if !uses.contains(&used) {
                    uses.push(used);
                    lines.push(line);
                }
            };
            for property in self.mapping(pair.value, &place)? {
                let property_name = self.document.key(property.key);
                let place = format!("{place}.{property_name}");
                let kind = match property_name {
                    "credential_spec" => {
                        for pair in self.mapping(property.value, &place)? {
                            if self.document.key(pair.key) == "config" {
                                let key = self.text(pair.value, &format!("{place}.config"))?;
                                add(ObjectKind::Config, key, self.document.line(pair.key));
                            }
                        }
                        continue;
                    }
                    "secrets" => ObjectKind::Secret,
                    "configs" => ObjectKind::Config,
                    _ => continue,
                };
                let items = self.document.items(property.value)?;
                let items = items.ok_or_else(|| ComposeError::NotList {
                    line: self.document.line(property.key),
                    place: place.clone(),
                })?;
                for &item in items {
                    if let Some(key) = self.source(item, &place)? {
                        add(kind, key, self.document.line(item));
                    }
                }
            }
            let service = DesiredService { name, uses };
            services.push(Service { service, lines });
        }
        Ok(services)
    }

    /// The entry that an item of a service's list names, in its short or its long form.
    fn source(&self, item: NodeId, place: &str) -> Result<Option<String>, ComposeError> {
        if self.document.scalar(item).is_some() {
            return self.text(item, place).map(Some);
        }
        for property in self.mapping(item, place)? {
            if self.document.key(property.key) == "source" {
                return self
                    .text(property.value, &format!("{place}.source"))
                    .map(Some);
            }
        }
        Ok(None)
    }
}
