//! What the services of a stack file use: secrets, configs, networks, files of variables.

use std::collections::HashSet;

use super::error::ComposeError;
use super::file::{EnvironmentFile, StackService};
use super::reader::Reader;
use crate::stack::desired::DesiredService;
use crate::stack::object_kind::ObjectKind;
use crate::stack::yaml::{Document, DocumentError, NodeId, Pair};

impl Reader<'_> {
    /// The services, with the entries that each of them uses in any form.
    pub(crate) fn services(&self, section: &Pair) -> Result<Vec<StackService>, ComposeError> {
        if self.document.is_null(section.value) {
            return Ok(Vec::new());
        }
        let mut services = Vec::new();
        for pair in self.mapping(section.value, "services")? {
            let name = self.document.key(pair.key).to_owned();
            let place = format!("services.{name}");
            let mut uses = Vec::new();
            let mut known = HashSet::new();
            let mut lines = Vec::new();
            let mut networks = Vec::new();
            let mut env_files = Vec::new();
            let mut add = |kind, key: String, line| {
                if known.insert((kind, key.clone())) {
                    uses.push((kind, key));
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
                    "networks" => {
                        networks = self.names(property.value)?;
                        continue;
                    }
                    "env_file" => {
                        env_files = self.env_files(property.value, &place)?;
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
            services.push(StackService {
                service,
                lines,
                networks,
                env_files,
            });
        }
        Ok(services)
    }

    /// The items of a list or the keys of a mapping; what is neither is the docker client's to refuse.
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

    fn env_files(&self, value: NodeId, place: &str) -> Result<Vec<EnvironmentFile>, ComposeError> {
        let nodes = scalars_of(self.document, value)?.into_iter();
        let files = nodes.map(|id| {
            Ok(EnvironmentFile {
                file: self.text(id, place)?,
                line: self.document.line(id),
            })
        });
        files.collect()
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

/// Every `env_file` entry of a stack file, in the order of its services.
pub(crate) fn env_file_nodes(document: &Document) -> Result<Vec<NodeId>, DocumentError> {
    let value_of = |id: NodeId, key: &str| -> Result<Option<NodeId>, DocumentError> {
        let pairs = document.pairs(id)?.unwrap_or_default();
        let pair = pairs.iter().find(|pair| document.key(pair.key) == key);
        Ok(pair.map(|pair| pair.value))
    };
    let mut nodes = Vec::new();
    let Some(services) = value_of(document.root(), "services")? else {
        return Ok(nodes);
    };
    for service in document.pairs(services)?.unwrap_or_default() {
        if let Some(files) = value_of(service.value, "env_file")? {
            nodes.extend(scalars_of(document, files)?);
        }
    }
    Ok(nodes)
}

/// A scalar alone, or those of a list.
fn scalars_of(document: &Document, value: NodeId) -> Result<Vec<NodeId>, DocumentError> {
    if document.is_null(value) {
        return Ok(Vec::new());
    }
    let items = document.items(value)?.map(<[NodeId]>::to_vec);
    let mut nodes = items.unwrap_or_else(|| vec![value]);
    nodes.retain(|&id| document.scalar(id).is_some());
    Ok(nodes)
}
