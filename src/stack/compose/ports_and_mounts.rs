//! Reads the ports and mounts of a service, in their short or long form.

use std::path::{Component, Path, PathBuf};

use super::error::ComposeError;
use super::reader::Reader;
use super::service_fields::{FieldScope, ServiceFields};
use crate::stack::yaml::NodeId;

impl ServiceFields {
    /// Describes a published port.
    pub(crate) fn port(published: u64, target: u64, protocol: &str, mode: &str) -> String {
        let published = match published {
            0 => String::new(),
            published => format!("{published}:"),
        };
        let mode = if mode == "host" { " (host)" } else { "" };
        format!("{published}{target}/{protocol}{mode}")
    }

    /// Describes a mount.
    pub(crate) fn mount(kind: &str, source: &str, target: &str, is_read_only: bool) -> String {
        let space = if source.is_empty() { "" } else { " " };
        let read_only = if is_read_only { " (read-only)" } else { "" };
        format!("{kind}{space}{source} at {target}{read_only}")
    }
}

impl Reader<'_> {
    pub(super) fn read_ports(
        &self,
        value: NodeId,
        fields: &mut ServiceFields,
    ) -> Result<(), ComposeError> {
        for &item in self.document.items(value)?.unwrap_or_default() {
            let port = if self.document.scalar(item).is_some() {
                short_port(&self.interpolated(item, "ports")?)
            } else {
                let text = |name: &str| self.text_of(item, name);
                let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
                let published = text("published")?.map_or(Some(0), |text| text.parse().ok());
                let protocol = text("protocol")?.unwrap_or_else(|| "tcp".to_owned());
                let mode = text("mode")?.unwrap_or_default();
                number(text("target")?)
                    .zip(published)
                    .map(|(target, published)| {
                        ServiceFields::port(published, target, &protocol, &mode)
                    })
            };
            match port {
                Some(port) => drop(fields.ports.insert(port)),
                None => drop(fields.unknown.insert(ServiceFields::PORTS)),
            }
        }
        Ok(())
    }

    pub(super) fn read_mounts(
        &self,
        value: NodeId,
        scope: &FieldScope<'_>,
        fields: &mut ServiceFields,
    ) -> Result<(), ComposeError> {
        for &item in self.document.items(value)?.unwrap_or_default() {
            let mount = if self.document.scalar(item).is_some() {
                self.short_mount(&self.interpolated(item, "volumes")?, scope)?
            } else {
                let text = |name: &str| -> Result<String, ComposeError> {
                    Ok(self.text_of(item, name)?.unwrap_or_default())
                };
                let is_read_only = text("read_only")? == "true";
                let (kind, source, target) = (text("type")?, text("source")?, text("target")?);
                self.mount_of(&kind, &source, &target, is_read_only, scope)?
            };
            match mount {
                Some(mount) => drop(fields.mounts.insert(mount)),
                None => drop(fields.unknown.insert(ServiceFields::MOUNTS)),
            }
        }
        Ok(())
    }

    fn short_mount(
        &self,
        text: &str,
        scope: &FieldScope<'_>,
    ) -> Result<Option<String>, ComposeError> {
        let parts: Vec<&str> = text.split(':').collect();
        let (source, target, options) = match parts[..] {
            [target] => ("", target, ""),
            [source, target] => (source, target, ""),
            [source, target, options] => (source, target, options),
            _ => return Ok(None),
        };
        let kind = if source.starts_with(['/', '.', '~']) {
            "bind"
        } else {
            "volume"
        };
        let is_read_only = options.split(',').any(|option| option == "ro");
        self.mount_of(kind, source, target, is_read_only, scope)
    }

    /// Describes a mount. `None` if it is unknown which path or volume Docker would mount.
    fn mount_of(
        &self,
        kind: &str,
        source: &str,
        target: &str,
        is_read_only: bool,
        scope: &FieldScope<'_>,
    ) -> Result<Option<String>, ComposeError> {
        let source = match kind {
            "tmpfs" => Some(String::new()),
            "volume" if source.is_empty() => Some(String::new()),
            "volume" => Some(self.volume_name(source, scope)?),
            "bind" => absolute(source, scope),
            _ => None,
        };
        Ok(source.map(|source| ServiceFields::mount(kind, &source, target, is_read_only)))
    }

    /// The name in Docker of the volume with this `key` in the stack file.
    fn volume_name(&self, key: &str, scope: &FieldScope<'_>) -> Result<String, ComposeError> {
        let own = format!("{}_{key}", scope.stack);
        let Some(volumes) = self.property(self.document.root(), "volumes")? else {
            return Ok(own);
        };
        let Some(volume) = self.property(volumes, key)? else {
            return Ok(own);
        };
        if let Some(name) = self.text_of(volume, "name")? {
            return Ok(name);
        }
        let Some(external) = self.property(volume, "external")? else {
            return Ok(own);
        };
        if self.document.scalar(external).is_some() {
            let is_external = self.interpolated(external, "external")? == "true";
            return Ok(if is_external { key.to_owned() } else { own });
        }
        let name = self.text_of(external, "name")?;
        Ok(name.unwrap_or_else(|| key.to_owned()))
    }

    fn text_of(&self, node: NodeId, name: &str) -> Result<Option<String>, ComposeError> {
        let value = self.property(node, name)?;
        value
            .map(|value| self.interpolated(value, name))
            .transpose()
    }
}

/// Parses `[ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]`. `None` if the text is a range of ports or not a port.
fn short_port(text: &str) -> Option<String> {
    let (numbers, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let mut parts = numbers.rsplit(':');
    let target = parts.next()?.parse().ok()?;
    let published = match parts.next() {
        None | Some("") => 0,
        Some(published) => published.parse().ok()?,
    };
    Some(ServiceFields::port(published, target, protocol, ""))
}

/// The absolute path that Docker makes from the source of a bind mount.
fn absolute(source: &str, scope: &FieldScope<'_>) -> Option<String> {
    let path = match source.strip_prefix('~') {
        Some(rest) => PathBuf::from(format!("{}{rest}", scope.home?)),
        None if source.starts_with('/') => return Some(source.to_owned()),
        None => scope.folder?.join(source),
    };
    let mut clean = PathBuf::new();
    for part in Path::new(&path).components() {
        match part {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    Some(clean.to_str()?.to_owned())
}
