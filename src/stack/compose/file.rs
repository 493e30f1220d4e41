//! A Compose 3.x stack file: its secrets and configs, and which services use them.

use std::collections::{BTreeMap, BTreeSet};

use super::error::ComposeError;
use super::interpolate::Environment;
use super::reader::{Reader, noted};
use super::variables::{StackVariable, variables};
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{NodeId, Pair, YamlDocument};

/// One stack file, read.
#[derive(Debug)]
pub(crate) struct ComposeFile {
    pub(crate) document: YamlDocument,
    /// The minor version of the format (3.x). `None` if the file leaves it to the docker client: no `version:`, or `3` alone.
    pub(crate) minor: Option<u32>,
    pub(crate) entries: Vec<StackEntry>,
    pub(crate) services: Vec<StackService>,
    pub(crate) networks: Vec<StackNetwork>,
    /// The variables in all values of the file.
    pub(crate) variables: Vec<StackVariable>,
    /// The kinds whose section can't be read: it is unknown which entries they have.
    pub(crate) unread: Vec<ObjectKind>,
    /// All errors in the file.
    pub(crate) problems: Vec<ComposeError>,
}

/// A top-level secret or config.
#[derive(Debug)]
pub(crate) struct StackEntry {
    pub(crate) kind: ObjectKind,
    pub(crate) key: String,
    pub(crate) line: usize,
    pub(crate) definition: Definition,
}

/// Where an entry's content comes from.
#[derive(Debug)]
pub(crate) enum Definition {
    /// A file, whose object this program manages.
    Managed(Managed),
    /// An object under this name, which must exist in the Swarm already.
    External {
        name: String,
        /// The name before interpolation.
        written: String,
    },
    /// The entry has an error, which is one of the file's problems.
    Unusable,
    /// A plugin of the Swarm (`driver`) gives the content. This program creates nothing.
    Plugin,
}

/// An entry with a `file:`.
#[derive(Debug)]
pub(crate) struct Managed {
    pub(crate) file: String,
    /// `file:` before interpolation.
    pub(crate) written_file: String,
    pub(crate) file_line: usize,
    /// `name:` before interpolation, with its line.
    pub(crate) name: Option<(String, usize)>,
    pub(crate) template_driver: Option<String>,
    pub(crate) labels: BTreeMap<String, String>,
}

/// A service: only the parts that use other parts of the stack.
#[derive(Debug)]
pub(crate) struct StackService {
    pub(crate) name: String,
    /// The entries that the service uses, in short or long form, each once.
    pub(crate) uses: Vec<EntryUse>,
    /// The keys of the networks that the service is attached to.
    pub(crate) networks: Vec<String>,
    /// The names of the variables in its values.
    pub(crate) variables: BTreeSet<String>,
    /// The `env_file` entries of the service, in order.
    pub(crate) env_files: Vec<EnvironmentFile>,
}

/// A service's use of a secret or config.
#[derive(Debug)]
pub(crate) struct EntryUse {
    pub(crate) kind: ObjectKind,
    pub(crate) key: String,
    /// The key before interpolation.
    pub(crate) written: String,
    pub(crate) line: usize,
}

/// A file named in `env_file:`. The docker client reads the variables of a service's containers from it.
#[derive(Debug)]
pub(crate) struct EnvironmentFile {
    pub(crate) file: String,
    /// The path before interpolation.
    pub(crate) written: String,
    pub(crate) line: usize,
}

/// A top-level network.
#[derive(Debug)]
pub(crate) struct StackNetwork {
    pub(crate) key: String,
    pub(crate) line: usize,
    /// The network's name in the Swarm if it is external and must exist already.
    pub(crate) external: Option<String>,
}

impl ComposeFile {
    /// Reads a stack file. Variables are replaced from `environment`, except those in `name:`. An error that leaves the rest
    /// of the file readable is added to [`problems`](Self::problems).
    pub(crate) fn parse(text: &str, environment: Environment<'_>) -> Result<Self, ComposeError> {
        let (document, problems) = YamlDocument::parse_with_problems(text)?;
        let problems = problems.into_iter().map(ComposeError::from);
        let mut problems: Vec<ComposeError> = problems.collect();
        let mut reader = Reader {
            document: &document,
            environment,
            minor: None,
        };
        let sections = reader.mapping(document.root(), "the stack file")?;
        reader.minor = reader.check_sections(&sections, &mut problems)?;
        let mut entries = Vec::new();
        let mut services = Vec::new();
        let mut networks = Vec::new();
        let mut unread = Vec::new();
        for section in &sections {
            let key = document.key(section.key);
            let mut kinds = ObjectKind::ALL.into_iter();
            if let Some(kind) = kinds.find(|kind| kind.section_key() == key) {
                let read = reader.entries(kind, section, &mut problems);
                match noted(read, &mut problems)? {
                    Some(read) => entries.extend(read),
                    None => unread.push(kind),
                }
                continue;
            }
            match key {
                "services" => {
                    let read = reader.services(section, &mut problems);
                    services = noted(read, &mut problems)?.unwrap_or_default();
                }
                "networks" => {
                    let read = reader.networks(section, &mut problems);
                    networks = noted(read, &mut problems)?.unwrap_or_default();
                }
                _ => {}
            }
        }
        Ok(Self {
            minor: reader.minor,
            entries,
            services,
            networks,
            unread,
            variables: variables(&document, environment),
            problems: without_covered_versions(problems),
            document,
        })
    }
}

impl Reader<'_> {
    /// Reports sections that Docker does not know, and returns the minor version of the format.
    fn check_sections(
        &self,
        sections: &[Pair],
        problems: &mut Vec<ComposeError>,
    ) -> Result<Option<u32>, ComposeError> {
        let mut minor = None;
        for section in sections {
            let key = self.document.key(section.key);
            match key {
                "version" => {
                    minor = noted(self.version(section.value), problems)?.flatten();
                }
                "services" | "networks" | "volumes" | "secrets" | "configs" => {}
                _ if key.starts_with("x-") => {}
                _ => problems.push(ComposeError::UnknownProperty {
                    line: self.document.line(section.key),
                    place: "(root)".to_owned(),
                    property: key.to_owned(),
                }),
            }
        }
        Ok(minor)
    }

    /// The minor version that the file states. `None` for `3` alone, which the docker client takes for the newest 3.x.
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
        problems: &mut Vec<ComposeError>,
    ) -> Result<Vec<StackEntry>, ComposeError> {
        let mut entries = Vec::new();
        let section_name = kind.section_key();
        let needed = match kind {
            ObjectKind::Secret => 1,
            ObjectKind::Config => 3,
        };
        noted(self.needs(needed, section.key, "(root)"), problems)?;
        if self.document.is_null(section.value) {
            return Ok(entries);
        }
        for entry in self.mapping(section.value, section_name)? {
            let key = self.document.key(entry.key);
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
            let definition = if key.is_empty() || !key.chars().all(allowed) {
                problems.push(ComposeError::UnknownProperty {
                    line: self.document.line(entry.key),
                    place: section_name.to_owned(),
                    property: key.to_owned(),
                });
                Definition::Unusable
            } else {
                self.definition(kind, key, &entry, problems)?
            };
            entries.push(StackEntry {
                kind,
                key: key.to_owned(),
                line: self.document.line(entry.key),
                definition,
            });
        }
        Ok(entries)
    }
}

/// Keeps only the problem with the highest version among those about the version of the format: a file that states that
/// version may use all the properties.
fn without_covered_versions(mut problems: Vec<ComposeError>) -> Vec<ComposeError> {
    let needed = |problem: &ComposeError| match problem {
        ComposeError::TooNew { needed, .. } => Some(*needed),
        _ => None,
    };
    let newest = problems.iter().filter_map(needed).max();
    let mut is_told = false;
    problems.retain(|problem| match needed(problem) {
        None => true,
        of_this => of_this == newest && !std::mem::replace(&mut is_told, true),
    });
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ComposeFile, ComposeError> {
        let mut file =
            ComposeFile::parse(text, &|name| Ok((name == "SET").then(|| "set".to_owned())))?;
        match file.problems.pop() {
            None => Ok(file),
            Some(problem) => Err(problem),
        }
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
                matches!(&definition, Ok(Definition::External { name, .. }) if name == expected),
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
            (
                "file: ''",
                "2: secrets.s: `file:` is blank, and must name a file",
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
                let uses = service.uses.iter();
                let uses: Vec<_> = uses
                    .map(|EntryUse { kind, key, .. }| format!(" {kind} {key}"))
                    .collect();
                service.name.clone() + &uses.concat()
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
