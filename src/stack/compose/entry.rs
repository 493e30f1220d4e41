//! One entry of `secrets:` or `configs:`.

use std::collections::BTreeMap;

use super::error::ComposeError;
use super::file::{Definition, Managed};
use super::interpolate::interpolate_strictly;
use super::reader::{Reader, interpolation, noted};
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{NodeId, Pair};

/// The properties of an entry.
#[derive(Default)]
struct EntryProperties {
    /// The value of `file:` with its variables replaced, the value as written, and its line.
    file: Option<(String, String, usize)>,
    /// The value of `name:` as written, and its line.
    name: Option<(String, usize)>,
    external: External,
    driver_line: Option<usize>,
    template_driver: Option<String>,
    labels: BTreeMap<String, String>,
}

/// The value of `external:`.
#[derive(Default)]
enum External {
    #[default]
    No,
    Yes,
    Named {
        name: String,
        /// The name before interpolation.
        written: String,
    },
}

impl Reader<'_> {
    /// Where the content of an entry comes from. [`Definition::Unusable`] if the entry has an error.
    pub(crate) fn definition(
        &self,
        kind: ObjectKind,
        key: &str,
        entry: &Pair,
        problems: &mut Vec<ComposeError>,
    ) -> Result<Definition, ComposeError> {
        let place = format!("{}.{key}", kind.section_key());
        let before = problems.len();
        let mut properties = EntryProperties::default();
        let pairs = noted(self.mapping(entry.value, &place), problems)?;
        for property in pairs.unwrap_or_default() {
            problems.extend(self.too_new(kind, &place, &property));
            let read = self.entry_property(kind, &place, &property, &mut properties, problems);
            noted(read, problems)?;
        }
        // If a property can't be read, it is unknown what the entry lacks.
        let is_unread = |problem: &ComposeError| !matches!(problem, ComposeError::TooNew { .. });
        if problems[before..].iter().any(is_unread) {
            return Ok(Definition::Unusable);
        }
        let definition = self.defined(key, self.document.line(entry.key), place, properties);
        Ok(noted(definition, problems)?.unwrap_or(Definition::Unusable))
    }

    /// The error for a property that needs a newer version of the format than the file states.
    fn too_new(&self, kind: ObjectKind, place: &str, property: &Pair) -> Option<ComposeError> {
        let needed = match self.document.key(property.key) {
            "name" => 5,
            "template_driver" => 8,
            "driver" | "driver_opts" if kind == ObjectKind::Secret => 8,
            _ => return None,
        };
        self.needs(needed, property.key, place).err()
    }

    fn entry_property(
        &self,
        kind: ObjectKind,
        place: &str,
        property: &Pair,
        properties: &mut EntryProperties,
        problems: &mut Vec<ComposeError>,
    ) -> Result<(), ComposeError> {
        let name = self.document.key(property.key);
        let line = self.document.line(property.key);
        let inner = format!("{place}.{name}");
        let place = || place.to_owned();
        match name {
            "file" => {
                let path = self.strict(property.value, &inner)?;
                if path.is_empty() {
                    let place = place();
                    return Err(ComposeError::BlankFile { line, place });
                }
                let written = self.string(property.value, &inner)?;
                properties.file = Some((path, written, line));
            }
            "name" => {
                properties.name = Some((self.string(property.value, &inner)?, line));
            }
            "external" => properties.external = self.external(property.value, &inner)?,
            "labels" => properties.labels = self.labels(property.value, &inner, problems)?,
            "template_driver" => {
                properties.template_driver = Some(self.text(property.value, &inner)?);
            }
            "driver" if kind == ObjectKind::Secret => {
                properties.driver_line = Some(line);
            }
            "driver_opts" if kind == ObjectKind::Secret => {}
            "content" | "environment" => {
                return Err(ComposeError::ComposeOnly {
                    line,
                    place: place(),
                    property: name.to_owned(),
                });
            }
            _ if name.starts_with("x-") => {}
            _ => {
                return Err(ComposeError::UnknownProperty {
                    line,
                    place: place(),
                    property: name.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Combines the properties of an entry into its definition.
    fn defined(
        &self,
        key: &str,
        line: usize,
        place: String,
        properties: EntryProperties,
    ) -> Result<Definition, ComposeError> {
        let EntryProperties {
            file,
            name,
            external,
            driver_line,
            template_driver,
            labels,
        } = properties;
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

    /// Reads `external:`. It is `true`, `false`, or a mapping, which means true even if it is empty.
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

    /// Reads labels, which are a mapping or a list of `key=value`. Each wrong label is reported.
    fn labels(
        &self,
        value: NodeId,
        place: &str,
        problems: &mut Vec<ComposeError>,
    ) -> Result<BTreeMap<String, String>, ComposeError> {
        let mut labels = BTreeMap::new();
        if let Some(items) = self.document.items(value)? {
            for &item in items {
                if let Some(label) = noted(self.text(item, place), problems)? {
                    let (key, value) = label.split_once('=').unwrap_or((&label, ""));
                    labels.insert(key.to_owned(), value.to_owned());
                }
            }
            return Ok(labels);
        }
        for pair in self.mapping(value, place)? {
            let key = self.document.key(pair.key).to_owned();
            let value = if self.document.is_null(pair.value) {
                Some(String::new())
            } else {
                let read = self.interpolated(pair.value, &format!("{place}.{key}"));
                noted(read, problems)?
            };
            labels.extend(value.map(|value| (key, value)));
        }
        Ok(labels)
    }
}
