//! Reads the fields of services that can be compared with a Swarm.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::ComposeError;
use super::file::ComposeFile;
use super::interpolate::Environment;
use super::reader::Reader;
use crate::stack::names::StackName;
use crate::stack::yaml::{NodeId, Pair, is_plain_string};

/// The fields of a service that can be read both from a stack file and from a Swarm, for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceFields {
    /// The image as written in the stack file.
    pub image: String,
    /// The image in the Swarm if somebody changed it after the deployment. `None` for a service of a stack file.
    pub image_by_hand: Option<String>,
    /// The digest of each variable's value, by the variable's name. `None` if the value is unknown.
    pub environment: BTreeMap<String, Option<ValueDigest>>,
    /// The mounts, as descriptions.
    pub mounts: BTreeSet<String>,
    /// The published ports, as descriptions.
    pub ports: BTreeSet<String>,
    /// The number of tasks, or the mode if that determines the number.
    pub replicas: String,
    /// The CPU limit in billionths of a CPU.
    pub cpus: Option<u64>,
    /// The memory limit in bytes.
    pub memory: Option<u64>,
    /// The variables that are set only by a secret `env_file`, with the path of that file.
    pub secret_names: BTreeMap<String, String>,
    /// The names of the fields that could not be read, or would show a secret value.
    pub unknown: BTreeSet<&'static str>,
}

/// The SHA-256 of a variable's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ValueDigest([u8; 32]);

/// The means to resolve names and paths in a stack file.
pub(crate) struct FieldScope<'a> {
    pub(crate) stack: &'a StackName,
    /// The folder that paths are relative to. `None` without a work tree.
    pub(crate) folder: Option<&'a Path>,
    /// The home folder, for paths that begin with `~`.
    pub(crate) home: Option<&'a str>,
    /// The values of variables, secret ones included. Only digests of them may be kept.
    pub(crate) values: Environment<'a>,
}

impl ServiceFields {
    pub(crate) const IMAGE: &'static str = "image";
    /// The name of the field of variables.
    pub(crate) const ENVIRONMENT: &'static str = "environment";
    pub(crate) const MOUNTS: &'static str = "mounts";
    pub(crate) const PORTS: &'static str = "ports";
    pub(crate) const REPLICAS: &'static str = "replicas";
    pub(crate) const LIMITS: &'static str = "limits";
}

impl ValueDigest {
    pub(crate) fn of(value: &str) -> Self {
        Self(Sha256::digest(value).into())
    }

    /// The digest for a variable that is named without a value: Docker removes it from the container's environment.
    pub(crate) fn of_no_value() -> Self {
        // A value can't contain this byte.
        Self::of("\0")
    }
}

impl std::fmt::Debug for ValueDigest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ValueDigest(..)")
    }
}

impl ComposeFile {
    /// The fields of each service, by its key. Variables from its `env_file`s are not included.
    pub(crate) fn service_fields(
        &self,
        environment: Environment<'_>,
        scope: &FieldScope<'_>,
    ) -> Result<BTreeMap<String, ServiceFields>, ComposeError> {
        let reader = Reader {
            document: &self.document,
            environment,
            minor: self.minor,
        };
        let root = self.document.root();
        let mut fields = BTreeMap::new();
        let Some(services) = reader.property(root, "services")? else {
            return Ok(fields);
        };
        for pair in self.document.pairs(services)?.unwrap_or_default() {
            let key = self.document.key(pair.key).to_owned();
            fields.insert(key, reader.fields_of(pair.value, scope)?);
        }
        Ok(fields)
    }
}

impl Reader<'_> {
    fn fields_of(
        &self,
        service: NodeId,
        scope: &FieldScope<'_>,
    ) -> Result<ServiceFields, ComposeError> {
        let mut fields = ServiceFields {
            replicas: "1".to_owned(),
            ..ServiceFields::default()
        };
        for pair in self.document.pairs(service)?.unwrap_or_default() {
            let value = pair.value;
            let (names, read): (&[&'static str], _) = match self.document.key(pair.key) {
                "image" => {
                    let image = self.interpolated(value, "image");
                    let read = image.map(|image| fields.image = image);
                    (&[ServiceFields::IMAGE], read)
                }
                "environment" => {
                    let read = self.read_environment(value, scope, &mut fields);
                    (&[ServiceFields::ENVIRONMENT], read)
                }
                "volumes" => {
                    let read = self.read_mounts(value, scope, &mut fields);
                    (&[ServiceFields::MOUNTS], read)
                }
                "ports" => {
                    let read = self.read_ports(value, &mut fields);
                    (&[ServiceFields::PORTS], read)
                }
                "deploy" => {
                    let read = self.read_deploy(value, &mut fields);
                    (&[ServiceFields::REPLICAS, ServiceFields::LIMITS], read)
                }
                _ => continue,
            };
            match read {
                Err(error) if error.is_about_secret() => fields.unknown.extend(names),
                read => read?,
            }
        }
        Ok(fields)
    }

    /// Reads variables, which are a mapping or a list of `NAME=VALUE`. A variable without a value gets the caller's value,
    /// if there is one.
    fn read_environment(
        &self,
        value: NodeId,
        scope: &FieldScope<'_>,
        fields: &mut ServiceFields,
    ) -> Result<(), ComposeError> {
        let of_values = Reader {
            document: self.document,
            environment: scope.values,
            minor: self.minor,
        };
        let mut add = |name: &str, value: Option<String>| {
            let value = value.or_else(|| (scope.values)(name).ok().flatten());
            let digest =
                value.map_or_else(ValueDigest::of_no_value, |value| ValueDigest::of(&value));
            fields.environment.insert(name.to_owned(), Some(digest));
        };
        if let Some(items) = self.document.items(value)? {
            for &item in items {
                let written = self.document.scalar(item).map_or("", |(text, _)| text);
                let name = written.split_once('=').map(|(name, _)| name);
                // The name of a variable is shown, its value is not: only the value may contain secrets.
                let is_value = name.is_some_and(|name| !name.contains('$'));
                let reader = if is_value { &of_values } else { self };
                let text = reader.interpolated(item, "environment")?;
                match text.split_once('=') {
                    Some((name, value)) => add(name, Some(value.to_owned())),
                    None => add(&text, None),
                }
            }
            return Ok(());
        }
        let mut numbers = Vec::new();
        for pair in self.document.pairs(value)?.unwrap_or_default() {
            let name = self.document.key(pair.key);
            let text = self.document.scalar(pair.value);
            let is_number = text.is_some_and(|(text, plain)| {
                plain && !is_plain_string(text) && text.parse::<u32>().is_err()
            });
            if self.document.is_null(pair.value) {
                add(name, None);
            } else if is_number {
                // Docker formats numbers in its own way.
                numbers.push(name.to_owned());
            } else {
                add(
                    name,
                    Some(of_values.interpolated(pair.value, "environment")?),
                );
            }
        }
        let numbers = numbers.into_iter().map(|name| (name, None));
        fields.environment.extend(numbers);
        Ok(())
    }

    fn read_deploy(&self, deploy: NodeId, fields: &mut ServiceFields) -> Result<(), ComposeError> {
        if let Some(replicas) = self.property(deploy, "replicas")? {
            fields.replicas = self.interpolated(replicas, "replicas")?;
        }
        if let Some(mode) = self.property(deploy, "mode")? {
            let mode = self.interpolated(mode, "mode")?;
            match mode.as_str() {
                "replicated" => {}
                "global" | "global-job" => fields.replicas = mode,
                _ => {
                    fields.unknown.insert(ServiceFields::REPLICAS);
                }
            }
        }
        let mut limits = Some(deploy);
        for name in ["resources", "limits"] {
            limits = match limits {
                Some(node) => self.property(node, name)?,
                None => None,
            };
        }
        let Some(limits) = limits else { return Ok(()) };
        if let Some(cpus) = self.property(limits, "cpus")? {
            fields.cpus = billionths(&self.interpolated(cpus, "cpus")?);
            if fields.cpus.is_none() {
                fields.unknown.insert(ServiceFields::LIMITS);
            }
        }
        if let Some(memory) = self.property(limits, "memory")? {
            fields.memory = bytes(&self.interpolated(memory, "memory")?);
            if fields.memory.is_none() {
                fields.unknown.insert(ServiceFields::LIMITS);
            }
        }
        Ok(())
    }

    /// The value of a property. `None` if the node is not a mapping or has no such property.
    pub(super) fn property(
        &self,
        node: NodeId,
        name: &str,
    ) -> Result<Option<NodeId>, ComposeError> {
        let pairs: Vec<Pair> = self.document.pairs(node)?.unwrap_or_default();
        let mut pairs = pairs.iter();
        let found = pairs.find(|pair| self.document.key(pair.key) == name);
        Ok(found.map(|pair| pair.value))
    }
}

/// Parses a decimal number and gives it in billionths.
fn billionths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 9 {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let part: u64 = format!("{part:0<9}").parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(part)
}

/// Parses a number of bytes with a unit, as Docker does (`RAMInBytes` of its `go-units`).
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let shift = match unit.trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::compose::InterpolationError;

    fn fields(text: &str) -> ServiceFields {
        let environment = |name: &str| match name {
            "TAG" => Ok(Some("2".to_owned())),
            "SECRET" => Err(InterpolationError::Secret {
                variable: name.to_owned(),
                file: "secret.env".to_owned(),
            }),
            _ => Ok(None),
        };
        let values = |name: &str| match name {
            "SECRET" => Ok(Some("hunter2".to_owned())),
            name => environment(name),
        };
        let text = format!(
            "services:\n  app: {text}\nvolumes:\n  data:\n  old: {{external: true, name: kept}}\n  named: {{name: own}}\n"
        );
        let file = ComposeFile::parse(&text, &environment).expect(&text);
        let stack = StackName::parse("web").expect("a good name");
        let scope = FieldScope {
            stack: &stack,
            folder: Some(Path::new("/srv/lab/web")),
            home: Some("/root"),
            values: &values,
        };
        let mut all = file
            .service_fields(&environment, &scope)
            .expect("it is good");
        all.remove("app").expect("it is there")
    }

    #[test]
    fn each_field_is_read_as_docker_reads_it() {
        let read = fields(
            "{image: 'a:${TAG}', environment: {A: b, N: 1, F: 1.50, TAG: , GONE: }, \
             deploy: {replicas: 3, resources: {limits: {cpus: '0.5', memory: 64M}}}}",
        );
        assert_eq!(read.image, "a:2");
        let value = |text| Some(ValueDigest::of(text));
        let expected = [
            ("A", value("b")),
            ("F", None),
            ("GONE", Some(ValueDigest::of_no_value())),
            ("N", value("1")),
            ("TAG", value("2")),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(read.environment, BTreeMap::from(expected));
        assert_eq!(read.replicas, "3");
        assert_eq!(
            (read.cpus, read.memory),
            (Some(500_000_000), Some(64 << 20))
        );
        assert!(read.unknown.is_empty());
        let global = fields("{environment: [A=b=c, TAG, GONE], deploy: {mode: global}}");
        assert_eq!(global.replicas, "global");
        assert_eq!(global.environment["A"], value("b=c"));
        assert_eq!(global.environment.len(), 3);
    }

    #[test]
    fn a_secret_value_is_in_no_field_that_is_shown() {
        let read = fields(
            "{image: 'a:$SECRET', environment: ['A=$SECRET', B=c], ports: ['$SECRET:80'], \
             volumes: ['$SECRET:/d'], deploy: {replicas: $SECRET}}",
        );
        let names = ["image", "limits", "mounts", "ports", "replicas"];
        assert_eq!(read.unknown, names.into());
        assert_eq!(read.environment["A"], Some(ValueDigest::of("hunter2")));
        assert!(!format!("{read:?}").contains("hunter2"));
        for list in ["[$SECRET]", "['${SECRET}=a']", "['a$SECRET=$SECRET']"] {
            let read = fields(&format!("{{image: a, environment: {list}}}"));
            assert_eq!(read.unknown, ["environment"].into());
            assert!(!format!("{read:?}").contains("hunter2"));
        }
    }

    #[test]
    fn ports_and_mounts_are_read_in_both_forms() {
        let read = fields(
            "{ports: [80, '8080:81', '127.0.0.1:82:82/udp', {target: 83, published: 8083, mode: host}], \
             volumes: ['data:/d', 'old:/o:ro', 'named:/n', './x/../y:/y', '~/z:/z', /anonymous, \
             {type: tmpfs, target: /t}, {type: bind, source: /abs, target: /b, read_only: true}]}",
        );
        let ports = ["80/tcp", "8080:81/tcp", "8083:83/tcp (host)", "82:82/udp"];
        assert_eq!(read.ports, ports.map(str::to_owned).into());
        let mounts = [
            "bind /abs at /b (read-only)",
            "bind /root/z at /z",
            "bind /srv/lab/web/y at /y",
            "tmpfs at /t",
            "volume at /anonymous",
            "volume kept at /o (read-only)",
            "volume own at /n",
            "volume web_data at /d",
        ];
        assert_eq!(read.mounts, mounts.map(str::to_owned).into());
        let unknown =
            fields("{ports: ['80-82:80-82'], volumes: [{type: npipe, source: x, target: y}]}");
        assert_eq!(unknown.unknown, ["mounts", "ports"].into());
    }
}
