//! A Compose 3.x stack file: its secrets and configs, and which services use them.

use std::collections::BTreeMap;

use thiserror::Error;

use super::document::{Document, DocumentError, NodeId, Pair};
use super::interpolate::{Environment, InterpolationError, interpolate, interpolate_strictly};
use super::object::{DesiredService, ObjectKind};

/// A stack file that Docker would refuse, or that can't be managed. Each text begins with its line.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// The YAML itself.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Something else where a mapping belongs.
    #[error("{line}: {place} must be a mapping")]
    NotMapping {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Something else where a list belongs.
    #[error("{line}: {place} must be a list")]
    NotList {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Something else where text belongs.
    #[error("{line}: {place} must be a string")]
    NotString {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Something else where `true` or `false` belongs.
    #[error("{line}: {place} must be true or false")]
    NotBoolean {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// A property that the docker client does not know.
    #[error("{line}: {place}: Additional property {property} is not allowed")]
    UnknownProperty {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// The property.
        property: String,
    },
    /// A property that came with a later version of the format.
    #[error(
        "{line}: {place}: property {property} needs version: \"3.{needed}\" or newer, and this file says 3.{minor}"
    )]
    TooNew {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// The property.
        property: String,
        /// The first 3.x that has it.
        needed: u32,
        /// The 3.x of the file.
        minor: u32,
    },
    /// `content` or `environment`: known to Docker Compose, not to a stack.
    #[error(
        "{line}: {place}: `{property}` is Docker Compose's, the docker client rejects it in a stack file; put the content into a file and name it with `file:`"
    )]
    ComposeOnly {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// `content` or `environment`.
        property: String,
    },
    /// A version that `docker stack deploy` does not take.
    #[error("{line}: unsupported Compose file version: {version}; a stack file has 3.x")]
    UnsupportedVersion {
        /// Line, from 1.
        line: usize,
        /// As it stands.
        version: String,
    },
    /// Nothing says where the content comes from.
    #[error("{line}: {place} has neither `file:` nor `external: true`")]
    NoSource {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Two properties that exclude each other.
    #[error("{line}: {place}: `{one}` and `{other}` exclude each other; leave `{one}` out")]
    Conflict {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// The one to leave out.
        one: &'static str,
        /// The one to keep.
        other: &'static str,
    },
    /// A variable in a value.
    #[error("{line}: {place}: {source}")]
    Interpolation {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// What is wrong.
        source: InterpolationError,
    },
}

/// What one stack file says.
#[derive(Debug)]
pub(super) struct ComposeFile {
    pub(super) document: Document,
    /// Minor version of the format, 3.x; none where the file leaves it to Docker.
    pub(super) minor: Option<u32>,
    pub(super) entries: Vec<Entry>,
    pub(super) services: Vec<Service>,
}

/// A top-level secret or config.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: ObjectKind,
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) definition: Definition,
}

/// Where an entry's content comes from.
#[derive(Debug)]
pub(super) enum Definition {
    /// A file: the entries that this program manages.
    Managed(Managed),
    /// It exists in the Swarm, under this name.
    External { name: String },
    /// A plugin of the Swarm's gives the content (`driver`): nothing to be done for it.
    Plugin,
}

/// An entry with a `file:`.
#[derive(Debug)]
pub(super) struct Managed {
    pub(super) file: String,
    pub(super) file_line: usize,
    /// `name:` before interpolation, with its line.
    pub(super) name: Option<(String, usize)>,
    pub(super) template_driver: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
}

/// A service, with the line of each of its uses.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) service: DesiredService,
    pub(super) lines: Vec<usize>,
}

impl ComposeFile {
    /// Reads the stack file; variables other than those in `name:` are replaced from the `environment`.
    pub(super) fn parse(text: &str, environment: Environment<'_>) -> Result<Self, ComposeError> {
        let document = Document::parse(text)?;
        let reader = Reader {
            document: &document,
            environment,
            minor: None,
        };
        let (minor, entries, services) = reader.stack_file()?;
        Ok(Self {
            minor,
            entries,
            services,
            document,
        })
    }
}

/// The key of a kind's entries in a stack file and its services.
pub(super) fn section_key(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Secret => "secrets",
        ObjectKind::Config => "configs",
    }
}

/// Both kinds, in the order in which stack files are read.
pub(super) const KINDS: [ObjectKind; 2] = [ObjectKind::Secret, ObjectKind::Config];

struct Reader<'a> {
    document: &'a Document,
    environment: Environment<'a>,
    minor: Option<u32>,
}

/// What `external:` says.
enum External {
    No,
    Yes,
    Named(String),
}

impl Reader<'_> {
    fn stack_file(mut self) -> Result<(Option<u32>, Vec<Entry>, Vec<Service>), ComposeError> {
        let sections = self.mapping(self.document.root(), "the stack file")?;
        for section in &sections {
            let key = self.document.key(section.key);
            match key {
                "version" => self.minor = self.version(section.value)?,
                "services" | "networks" | "volumes" | "secrets" | "configs" => {}
                _ if key.starts_with("x-") => {}
                _ => {
                    return Err(ComposeError::UnknownProperty {
                        line: self.document.line(section.key),
                        place: "(root)".to_owned(),
                        property: key.to_owned(),
                    });
                }
            }
        }
        let mut entries = Vec::new();
        let mut services = Vec::new();
        for section in &sections {
            match self.document.key(section.key) {
                "secrets" => self.entries(ObjectKind::Secret, section, &mut entries)?,
                "configs" => self.entries(ObjectKind::Config, section, &mut entries)?,
                "services" => services = self.services(section)?,
                _ => {}
            }
        }
        Ok((self.minor, entries, services))
    }

    /// The 3.x of the file; `3` alone means the newest, as to the docker client.
    fn version(&self, value: NodeId) -> Result<Option<u32>, ComposeError> {
        let version = self.string(value, "version")?;
        let unsupported = || ComposeError::UnsupportedVersion {
            line: self.document.line(value),
            version: version.clone(),
        };
        match version.split_once('.') {
            None if version == "3" => Ok(None),
            Some(("3", minor)) => minor.parse().map(Some).map_err(|_| unsupported()),
            _ => Err(unsupported()),
        }
    }

    fn entries(
        &self,
        kind: ObjectKind,
        section: &Pair,
        entries: &mut Vec<Entry>,
    ) -> Result<(), ComposeError> {
        let section_name = section_key(kind);
        let needed = match kind {
            ObjectKind::Secret => 1,
            ObjectKind::Config => 3,
        };
        self.needs(needed, section.key, "(root)")?;
        if self.document.is_null(section.value) {
            return Ok(());
        }
        for entry in self.mapping(section.value, section_name)? {
            let key = self.document.key(entry.key);
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
            if key.is_empty() || !key.chars().all(allowed) {
                return Err(ComposeError::UnknownProperty {
                    line: self.document.line(entry.key),
                    place: section_name.to_owned(),
                    property: key.to_owned(),
                });
            }
            entries.push(Entry {
                kind,
                key: key.to_owned(),
                line: self.document.line(entry.key),
                definition: self.definition(kind, key, &entry)?,
            });
        }
        Ok(())
    }

    fn definition(
        &self,
        kind: ObjectKind,
        key: &str,
        entry: &Pair,
    ) -> Result<Definition, ComposeError> {
        let place = format!("{}.{key}", section_key(kind));
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
                "file" => file = Some((self.strict(property.value, &inner)?, property_line)),
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
            (External::Named(_), _, _) if name.is_some() => Err(ComposeError::Conflict {
                line,
                place,
                one: "external.name",
                other: "name",
            }),
            (External::Named(name), _, _) => Ok(Definition::External { name }),
            (External::Yes, _, _) => {
                let name = match name {
                    None => key.to_owned(),
                    Some((name, line)) => interpolate_strictly(&name, self.environment)
                        .map_err(interpolation(line, &format!("{place}.name")))?,
                };
                Ok(Definition::External { name })
            }
            (External::No, Some(_), Some(line)) => Err(ComposeError::Conflict {
                line,
                place,
                one: "file",
                other: "driver",
            }),
            (External::No, None, Some(_)) => Ok(Definition::Plugin),
            (External::No, None, None) => Err(ComposeError::NoSource { line, place }),
            (External::No, Some((file, file_line)), None) => Ok(Definition::Managed(Managed {
                file,
                file_line,
                name,
                template_driver,
                labels,
            })),
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
                external = External::Named(self.strict(property.value, &format!("{place}.name"))?);
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

    fn services(&self, section: &Pair) -> Result<Vec<Service>, ComposeError> {
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

    fn mapping(&self, id: NodeId, place: &str) -> Result<Vec<Pair>, ComposeError> {
        self.document
            .pairs(id)?
            .ok_or_else(|| ComposeError::NotMapping {
                line: self.document.line(id),
                place: place.to_owned(),
            })
    }

    /// A string before interpolation.
    fn string(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        match self.document.scalar(id) {
            Some((text, plain)) if !plain || is_string(text) => Ok(text.to_owned()),
            _ => Err(ComposeError::NotString {
                line: self.document.line(id),
                place: place.to_owned(),
            }),
        }
    }

    /// A string, interpolated as Docker does.
    fn text(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        self.string(id, place)?;
        self.interpolated(id, place)
    }

    /// A string whose variables must all have a value, since a blank would name something else.
    fn strict(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        let text = self.string(id, place)?;
        let line = self.document.line(id);
        interpolate_strictly(&text, self.environment).map_err(interpolation(line, place))
    }

    /// Any scalar, interpolated as Docker does.
    fn interpolated(&self, id: NodeId, place: &str) -> Result<String, ComposeError> {
        let line = self.document.line(id);
        let Some((text, _)) = self.document.scalar(id) else {
            let place = place.to_owned();
            return Err(ComposeError::NotString { line, place });
        };
        interpolate(text, self.environment).map_err(interpolation(line, place))
    }

    fn needs(&self, needed: u32, property: NodeId, place: &str) -> Result<(), ComposeError> {
        match self.minor {
            Some(minor) if minor < needed => Err(ComposeError::TooNew {
                line: self.document.line(property),
                place: place.to_owned(),
                property: self.document.key(property).to_owned(),
                needed,
                minor,
            }),
            _ => Ok(()),
        }
    }
}

fn interpolation(line: usize, place: &str) -> impl FnOnce(InterpolationError) -> ComposeError {
    let place = place.to_owned();
    move |source| ComposeError::Interpolation {
        line,
        place,
        source,
    }
}

/// True for plain text that YAML takes as a string: no null, boolean or number.
pub(super) fn is_string(plain: &str) -> bool {
    let number_like =
        plain.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let digits = plain.trim_start_matches(['+', '-']).replace('_', "");
    let radix = |prefix: &str, radix| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|digits| u64::from_str_radix(digits, radix).is_ok())
    };
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => false,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => false,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "-.inf" | ".nan" | ".NaN" | ".NAN" => false,
        _ if !number_like => true,
        _ => {
            let number = digits.parse::<f64>().is_ok();
            !(number || radix("0x", 16) || radix("0o", 8) || radix("0b", 2))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ComposeFile, ComposeError> {
        ComposeFile::parse(text, &|name| (name == "SET").then(|| "set".to_owned()))
    }

    fn refused(text: &str) -> String {
        read(text).expect_err(text).to_string()
    }

    fn entry(inner: &str) -> Result<Definition, ComposeError> {
        let mut file = read(&format!("secrets:\n  s: {{{inner}}}\n"))?;
        Ok(file.entries.remove(0).definition)
    }

    fn refused_entry(inner: &str) -> String {
        entry(inner).expect_err(inner).to_string()
    }

    #[test]
    fn an_entry_is_managed_external_or_a_plugin_s() {
        let managed =
            entry("file: a/$SET, name: 's-${A}', labels: [a=b, c], template_driver: golang");
        let Ok(Definition::Managed(managed)) = managed else {
            panic!("{managed:?}");
        };
        assert_eq!(managed.file, "a/set");
        assert_eq!(managed.name, Some(("s-${A}".to_owned(), 2)));
        assert_eq!(managed.template_driver.as_deref(), Some("golang"));
        assert_eq!(managed.labels["a"], "b");
        assert_eq!(managed.labels["c"], "");
        for (inner, expected) in [
            ("external: true", "s"),
            ("external: true, name: x-$SET", "x-set"),
            ("external: {name: y}", "y"),
            ("external: {}", "s"),
            ("external: '${U:-true}'", "s"),
            ("external: true, file: ./ignored", "s"),
        ] {
            let definition = entry(inner);
            assert!(
                matches!(&definition, Ok(Definition::External { name }) if name == expected),
                "{inner}: {definition:?}"
            );
        }
        assert!(matches!(entry("driver: vault"), Ok(Definition::Plugin)));
        assert!(matches!(
            entry("file: x, external: false, name: ''"),
            Ok(Definition::Managed(Managed { name: None, .. }))
        ));
    }

    #[test]
    fn labels_take_any_scalar() {
        let text = "configs:\n  c:\n    file: f\n    labels:\n      a: 1\n      b:\n      c: true\n      d: $SET\n";
        let file = read(text).unwrap();
        let Definition::Managed(managed) = &file.entries[0].definition else {
            panic!("managed");
        };
        let labels: Vec<_> = managed
            .labels
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        assert_eq!(labels, ["a=1", "b=", "c=true", "d=set"]);
    }

    #[test]
    fn what_docker_refuses_is_refused_with_its_line() {
        for (inner, expected) in [
            (
                "fil: x",
                "2: secrets.s: Additional property fil is not allowed",
            ),
            ("", "2: secrets.s has neither `file:` nor `external: true`"),
            (
                "name: x",
                "2: secrets.s has neither `file:` nor `external: true`",
            ),
            ("file: 12", "2: secrets.s.file must be a string"),
            ("file: [a]", "2: secrets.s.file must be a string"),
            ("file: x, name: 12", "2: secrets.s.name must be a string"),
            (
                "external: yes",
                "2: secrets.s.external must be true or false",
            ),
            (
                "external: 'true'",
                "2: secrets.s.external must be true or false",
            ),
            (
                "external: {name: a, b: c}",
                "2: secrets.s.external: Additional property b is not allowed",
            ),
            (
                "external: {name: x}, name: y",
                "2: secrets.s: `external.name` and `name` exclude each other; leave `external.name` out",
            ),
            (
                "driver: d, file: x",
                "2: secrets.s: `file` and `driver` exclude each other; leave `file` out",
            ),
            (
                "file: $UNSET",
                "2: secrets.s.file: variable `UNSET` is not set in the environment",
            ),
        ] {
            assert_eq!(refused_entry(inner), expected);
        }
        for property in ["content: a", "environment: A"] {
            assert!(
                refused_entry(property)
                    .contains("is Docker Compose's, the docker client rejects it")
            );
        }
        for (text, expected) in [
            (
                "secret: {}\n",
                "1: (root): Additional property secret is not allowed",
            ),
            (
                "secrets: {'a b': {file: x}}",
                "1: secrets: Additional property a b is not allowed",
            ),
            ("secrets:\n  a:\n", "2: secrets.a must be a mapping"),
            ("secrets: [a]\n", "1: secrets must be a mapping"),
            ("- a\n", "1: the stack file must be a mapping"),
            ("version: 3.7\n", "1: version must be a string"),
            (
                "version: '2.1'\n",
                "1: unsupported Compose file version: 2.1; a stack file has 3.x",
            ),
            (
                "configs: {a: {file: x, driver: d}}",
                "1: configs.a: Additional property driver is not allowed",
            ),
            (
                "services: {a: {secrets: {x: y}}}",
                "1: services.a.secrets must be a list",
            ),
        ] {
            assert_eq!(refused(text), expected);
        }
        assert_eq!(
            refused("version: '3.3'\nconfigs:\n  a:\n    file: x\n    name: y\n"),
            "5: configs.a: property name needs version: \"3.5\" or newer, and this file says 3.3"
        );
    }

    #[test]
    fn services_uses_are_found_in_every_form() {
        let text = "\
x-shared: &shared
  configs: &configs
    - one
    - {source: two, target: /two}
services:
  a:
    <<: *shared
    secrets: [s, {source: t, mode: 0400}, s]
  b:
    configs: *configs
    credential_spec: {config: spec}
  c: {image: x}
";
        let file = read(text).unwrap();
        let uses: Vec<String> = file
            .services
            .iter()
            .map(|service| {
                let DesiredService { name, uses } = &service.service;
                let uses: Vec<_> = uses
                    .iter()
                    .map(|(kind, key)| format!(" {kind} {key}"))
                    .collect();
                name.clone() + &uses.concat()
            })
            .collect();
        assert_eq!(
            uses,
            [
                "a secret s secret t config one config two",
                "b config one config two config spec",
                "c"
            ]
        );
    }
}
