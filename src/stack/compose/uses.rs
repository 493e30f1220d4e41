//! Reads services and what they use: secrets, configs, networks and `env_file`s.

use std::collections::{BTreeSet, HashSet};

use super::error::ComposeError;
use super::file::{EntryUse, EnvironmentFile, StackService};
use super::reader::{Reader, noted};
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{NodeId, Pair};

impl Reader<'_> {
    /// The services, each with the entries that it uses in short or long form.
    pub(crate) fn services(
        &self,
        section: &Pair,
        problems: &mut Vec<ComposeError>,
    ) -> Result<Vec<StackService>, ComposeError> {
        if self.document.is_null(section.value) {
            return Ok(Vec::new());
        }
        let mut services = Vec::new();
        for service in self.mapping(section.value, "services")? {
            services.extend(self.service(&service, problems)?);
        }
        Ok(services)
    }

    /// Reads a service as far as possible. `None` if it is not a mapping.
    fn service(
        &self,
        pair: &Pair,
        problems: &mut Vec<ComposeError>,
    ) -> Result<Option<StackService>, ComposeError> {
        let mut service = StackService {
            name: self.document.key(pair.key).to_owned(),
            variables: BTreeSet::new(),
            uses: Vec::new(),
            networks: Vec::new(),
            env_files: Vec::new(),
        };
        let place = format!("services.{}", service.name);
        let Some(properties) = noted(self.mapping(pair.value, &place), problems)? else {
            return Ok(None);
        };
        for property in properties {
            let read = self.service_property(&place, &property, &mut service, problems);
            noted(read, problems)?;
        }
        let mut known = HashSet::new();
        let is_first = |used: &EntryUse| known.insert((used.kind, used.key.clone()));
        service.uses.retain(is_first);
        self.variables_below(pair.value, &mut service.variables)?;
        Ok(Some(service))
    }

    fn service_property(
        &self,
        place: &str,
        property: &Pair,
        service: &mut StackService,
        problems: &mut Vec<ComposeError>,
    ) -> Result<(), ComposeError> {
        let name = self.document.key(property.key);
        let place = format!("{place}.{name}");
        let kind = match name {
            "credential_spec" => {
                for pair in self.mapping(property.value, &place)? {
                    if self.document.key(pair.key) == "config" {
                        let place = format!("{place}.config");
                        service.uses.push(EntryUse {
                            kind: ObjectKind::Config,
                            key: self.text(pair.value, &place)?,
                            written: self.string(pair.value, &place)?,
                            line: self.document.line(pair.key),
                        });
                    }
                }
                return Ok(());
            }
            "networks" => {
                service.networks = self.names(property.value)?;
                return Ok(());
            }
            "env_file" => {
                service.env_files = self.env_files(property.value, &place, problems)?;
                return Ok(());
            }
            "secrets" => ObjectKind::Secret,
            "configs" => ObjectKind::Config,
            _ => return Ok(()),
        };
        let items = self.document.items(property.value)?;
        let items = items.ok_or_else(|| ComposeError::NotList {
            line: self.document.line(property.key),
            place: place.clone(),
        })?;
        for &item in items {
            let source = noted(self.source(item, &place), problems)?.flatten();
            service.uses.extend(source.map(|(key, written)| EntryUse {
                kind,
                key,
                written,
                line: self.document.line(item),
            }));
        }
        Ok(())
    }

    /// The items of a list, or the keys of a mapping. Any other value is left to the docker client, which refuses it.
    fn names(&self, value: NodeId) -> Result<Vec<String>, ComposeError> {
        let ids: Vec<NodeId> = match self.document.items(value)? {
            Some(items) => items.to_vec(),
            None => {
                let pairs = self.document.pairs(value)?.unwrap_or_default();
                pairs.iter().map(|pair| pair.key).collect()
            }
        };
        Ok(ids
            .into_iter()
            .map(|id| self.document.key(id).to_owned())
            .collect())
    }

    /// The `env_file`s of a service. Each wrong one is reported.
    fn env_files(
        &self,
        value: NodeId,
        place: &str,
        problems: &mut Vec<ComposeError>,
    ) -> Result<Vec<EnvironmentFile>, ComposeError> {
        let mut files = Vec::new();
        for id in self.document.scalars(value)? {
            if let Some(file) = noted(self.text(id, place), problems)? {
                files.push(EnvironmentFile {
                    file,
                    written: self.string(id, place)?,
                    line: self.document.line(id),
                });
            }
        }
        Ok(files)
    }

    /// The key of the entry that an item in a service's list names, in short or long form: with its variables replaced, and
    /// as written.
    fn source(&self, item: NodeId, place: &str) -> Result<Option<(String, String)>, ComposeError> {
        let both = |id, place: &str| Ok(Some((self.text(id, place)?, self.string(id, place)?)));
        if self.document.scalar(item).is_some() {
            return both(item, place);
        }
        for property in self.mapping(item, place)? {
            if self.document.key(property.key) == "source" {
                return both(property.value, &format!("{place}.source"));
            }
        }
        Ok(None)
    }
}
