//! Replaces the paths of `env_file`s.

use super::edit::{Edit, Refused};
use super::expected::Expected;
use super::layout::Layout;
use crate::stack::yaml::{FlowWriter, NodeId, Pair, double_quoted};

const THROUGH_TOP_LEVEL_MERGE: &str = "an `env_file` of services that come through `<<` at the top level can't be handed over; write them out";
const NOT_WRITABLE: &str =
    "an `env_file` that an anchor shares can't be handed over here; write it out";

/// Adds the edits for the section of services. Returns an error for each service that can't be edited.
///
/// Only lines that belong to the service alone are changed. If its `env_file` comes from an anchor elsewhere, an `env_file`
/// of its own is added that overrides it.
pub(crate) fn edit_env_files(
    layout: &Layout<'_>,
    expected: &Expected<'_>,
    section: &Pair,
    edits: &mut Vec<Edit>,
) -> Vec<Refused> {
    let mut refused = Vec::new();
    if expected.env_files.is_empty() {
        return refused;
    }
    let mut editor = EnvFileEditor {
        layout,
        writer: FlowWriter::new(layout.document),
    };
    let is_elsewhere = layout.is_alias(section.value);
    let mut added = Vec::new();
    for service in layout.pairs(section.value) {
        let key = layout.document.key(service.key);
        let Some(paths) = expected.env_files.get(key) else {
            continue;
        };
        let line = layout.document.line(service.key);
        if section.merged {
            let reason = THROUGH_TOP_LEVEL_MERGE;
            return vec![Refused { line, reason }];
        }
        let edited = if is_elsewhere || service.merged {
            let written = editor.whole_service(&service, paths);
            written.map(|service| added.push(service))
        } else {
            editor.own_service(&service, paths, edits)
        };
        if edited.is_none() {
            let reason = NOT_WRITABLE;
            refused.push(Refused { line, reason });
        }
    }
    edits.extend(layout.overrule(section.value, &added));
    refused
}

struct EnvFileEditor<'a> {
    layout: &'a Layout<'a>,
    writer: FlowWriter<'a>,
}

impl EnvFileEditor<'_> {
    /// Edits a service that is written in the section itself. `None` if that is not possible.
    fn own_service(
        &mut self,
        service: &Pair,
        paths: &[Option<String>],
        edits: &mut Vec<Edit>,
    ) -> Option<()> {
        let property = self.env_file(service.value)?;
        if property.merged || self.layout.is_alias(service.value) {
            let overruling = format!("env_file: {}", self.value(property.value, paths)?);
            edits.push(self.layout.overrule(service.value, &[overruling])?);
        } else if self.layout.is_alias(property.value) {
            edits.push(Edit {
                bytes: self.layout.document.node(property.value).bytes.clone(),
                replacement: self.value(property.value, paths)?,
            });
        } else {
            let document = self.layout.document;
            let scalars = document.scalars(property.value).ok()?;
            for (scalar, path) in scalars.into_iter().zip(paths) {
                edits.extend(path.as_ref().map(|path| Edit {
                    bytes: document.node(scalar).bytes.clone(),
                    replacement: double_quoted(path),
                }));
            }
        }
        Some(())
    }

    /// Writes out all of a service whose lines are elsewhere in the file.
    fn whole_service(&mut self, service: &Pair, paths: &[Option<String>]) -> Option<String> {
        let mut pairs = Vec::new();
        for property in self.layout.pairs(service.value) {
            let value = if self.layout.document.key(property.key) == "env_file" {
                self.value(property.value, paths)?
            } else {
                self.writer.node(property.value)?
            };
            pairs.push(format!("{}: {value}", self.writer.node(property.key)?));
        }
        let key = self.writer.node(service.key)?;
        Some(format!("{key}: {{ {} }}", pairs.join(", ")))
    }

    /// The value of an `env_file:`, with its paths replaced by these.
    fn value(&mut self, value: NodeId, paths: &[Option<String>]) -> Option<String> {
        let document = self.layout.document;
        let mut paths = paths.iter();
        let mut written = |id: NodeId| {
            let path = document.scalar(id).and_then(|_| paths.next()?.as_ref());
            match path {
                Some(path) => Some(double_quoted(path)),
                None => self.writer.node(id),
            }
        };
        match document.items(value).ok()? {
            None => written(value),
            Some(items) => {
                let items: Option<Vec<String>> = items.iter().map(|&item| written(item)).collect();
                Some(format!("[{}]", items?.join(", ")))
            }
        }
    }

    fn env_file(&self, service: NodeId) -> Option<Pair> {
        let mut pairs = self.layout.pairs(service).into_iter();
        pairs.find(|pair| self.layout.document.key(pair.key) == "env_file")
    }
}
