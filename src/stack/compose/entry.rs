//! One entry of `secrets:` or `configs:`.

use std::collections::BTreeMap;

use super::error::ComposeError;
use super::file::{Definition, Managed};
use super::interpolate::interpolate_strictly;
use super::reader::{Reader, interpolation};
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{NodeId, Pair};

/// The value of `external:`.
enum External {
    No,
    Yes,
    Named {
        name: String,
        /// The name before interpolation.
        written: String,
    },
}

impl Reader<'_> {
    /// Where the entry's content comes from.
    pub(crate) fn definition(
        &self,
        kind: ObjectKind,
        key: &str,
        entry: &Pair,
    ) -> Result<Definition, ComposeError> {
        let place = format!("{}.{key}", kind.section_key());
        let line = self.document.line(entry.key);
        let mut file = None;
        let mut name = None;
        let mut external = External::No;
        let mut driver_line = None;
        let mut template_driver = None;
        let mut labels = BTreeMap::new();
        for property in self.mapping(entry.value, &place)? {
            let property_name = self.document.key(property.key);
            let property_line = self.document.line(property.key);
            let inner = format!("{place}.{property_name}");
            match property_name {
                "file" => {
                    let path = self.strict(property.value, &inner)?;
                    if path.is_empty() {
                        return Err(ComposeError::BlankFile {
                            line: property_line,
                            place,
                        });
                    }
                    let written = self.string(property.value, &inner)?;
                    file = Some((path, written, property_line));
                }
                "name" => {
                    self.needs(5, property.key, &place)?;
                    name = Some((self.string(property.value, &inner)?, property_line));
                }
                "external" => external = self.external(property.value, &inner)?,
                "labels" => labels = self.labels(property.value, &inner)?,
                "template_driver" => {
                    self.needs(8, property.key, &place)?;
                    template_driver = Some(self.text(property.value, &inner)?);
                }
                "driver" if kind == ObjectKind::Secret => {
                    self.needs(8, property.key, &place)?;
                    driver_line = Some(property_line);
                }
                "driver_opts" if kind == ObjectKind::Secret => {
                    self.needs(8, property.key, &place)?;
                }
                "content" | "environment" => {
                    return Err(ComposeError::ComposeOnly {
                        line: property_line,
                        place,
                        property: property_name.to_owned(),
                    });
                }
                _ if property_name.starts_with("x-") => {}
                _ => {
                    return Err(ComposeError::UnknownProperty {
                        line: property_line,
                        place,
                        property: property_name.to_owned(),
                    });
                }
            }
        }
        let name = name.filter(|(name, _)| !name.is_empty());
        match (external, file, driver_line) {
            (External::Named { .. }, _, _) if name.is_some() => Err(ComposeError::Conflict {
                line,
                place,
                one: "external.name",
                other: "name",
            }),
            (External::Named { name, written }, _, _) => Ok(Definition::External { name, written }),
            (External::Yes, _, _) => {
                let (name, written) = match name {
                    None => (key.to_owned(), key.to_owned()),
                    Some((written, line)) => {
                        let name = interpolate_strictly(&written, self.environment)
                            .map_err(interpolation(line, &format!("{place}.name")))?;
                        (name, written)
                    }
                };
                Ok(Definition::External { name, written })
            }
            (External::No, Some(_), Some(line)) => Err(ComposeError::Conflict {
                line,
                place,
                one: "file",
                other: "driver",
            }),
            (External::No, None, Some(_)) => Ok(Definition::Plugin),
            (External::No, None, None) => Err(ComposeError::NoSource { line, place }),
            (External::No, Some((file, written_file, file_line)), None) => {
                Ok(Definition::Managed(Managed {
                    file,
                    written_file,
                    file_line,
                    name,
                    template_driver,
                    labels,
                }))
            }
        }
    }

    /// `true`, `false`, or a mapping whose presence alone means true.
    fn external(&self, value: NodeId, place: &str) -> Result<External, ComposeError> {
        if self.document.scalar(value).is_none() {
            let mut external = External::Yes;
            for property in self.mapping(value, place)? {
                let name = self.document.key(property.key);
                if name != "name" {
                    return Err(ComposeError::UnknownProperty {
                        line: self.document.line(property.key),
                        place: place.to_owned(),
                        property: name.to_owned(),
                    });
                }
                let place = format!("{place}.name");
                external = External::Named {
                    name: self.strict(property.value, &place)?,
                    written: self.string(property.value, &place)?,
                };
            }
            return Ok(external);
        }
        let text = self.interpolated(value, place)?;
        match (text.as_str(), self.document.scalar(value)) {
            ("true" | "True" | "TRUE", Some((written, plain))) if plain || written != text => {
                Ok(External::Yes)
            }
            ("false" | "False" | "FALSE", Some((written, plain))) if plain || written != text => {
                Ok(External::No)
            }
            _ => Err(ComposeError::NotBoolean {
                line: self.document.line(value),
                place: place.to_owned(),
            }),
        }
    }

    /// Labels as a mapping, or as a list of `key=value`.
    fn labels(&self, value: NodeId, place: &str) -> Result<BTreeMap<String, String>, ComposeError> {
        let mut labels = BTreeMap::new();
        if let Some(items) = self.document.items(value)? {
            for &item in items {
                let label = self.text(item, place)?;
                let (key, value) = label.split_once('=').unwrap_or((&label, ""));
                labels.insert(key.to_owned(), value.to_owned());
            }
            return Ok(labels);
        }
        for pair in self.mapping(value, place)? {
            let key = self.document.key(pair.key).to_owned();
            let value = if self.document.is_null(pair.value) {
                String::new()
            } else {
                self.interpolated(pair.value, &format!("{place}.{key}"))?
            };
            labels.insert(key, value);
        }
        Ok(labels)
    }
}
