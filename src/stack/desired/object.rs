//! A secret or config that a stack wants in the Swarm.

use std::collections::BTreeMap;

use crate::stack::find::VERSION_LENGTHS;
use crate::stack::names::{EntryPlace, ObjectKind, ObjectName, Version};
use crate::stack::source::{HeldContent, Origin};

/// A managed secret or config of a stack: its name and properties in the Swarm, and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackObject {
    /// Secret or config.
    pub kind: ObjectKind,
    /// Its key in the stack file.
    pub entry: String,
    /// Its name in the Swarm, version included.
    pub name: ObjectName,
    /// The pattern that the names of all its versions follow.
    pub pattern: NamePattern,
    /// The version in its name.
    pub version: Version,
    /// The file that has its content.
    pub origin: Origin,
    /// `template_driver` of the entry, set unchanged in the Swarm.
    pub template_driver: Option<String>,
    /// `labels` of the entry, set unchanged in the Swarm.
    pub labels: BTreeMap<String, String>,
    /// The stack file and line (from 1) that name its file.
    pub place: String,
    /// The variable of its file, made from the file's name.
    pub variable: String,
    /// True if its `name:` contains that variable.
    pub is_named_by_variable: bool,
    /// True if its file is encrypted in Git, or will be when it is added.
    pub is_encrypted_in_git: bool,
    /// The content of its file, encrypted or not.
    pub content: HeldContent,
}

/// The names of all versions of one entry: a version between a fixed prefix and a fixed suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern {
    /// The part before the version.
    pub prefix: String,
    /// The part after the version.
    pub suffix: String,
}

/// An entry with `external: true`. Its object must exist, and is never created or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalObject {
    /// Secret or config.
    pub kind: ObjectKind,
    /// Its key in the stack file.
    pub entry: String,
    /// Its name in the Swarm.
    pub name: ObjectName,
    /// The stack file and line (from 1) of the entry.
    pub place: String,
}

impl StackObject {
    /// The place of its entry in the stack file.
    pub fn entry_place(&self) -> EntryPlace {
        EntryPlace {
            place: self.place.clone(),
            kind: self.kind,
            key: self.entry.clone(),
        }
    }

    /// True if both describe the same object in the Swarm. Their names must be equal already.
    pub(crate) fn is_same_object(&self, other: &Self) -> bool {
        self.origin.blob == other.origin.blob
            && self.template_driver == other.template_driver
            && self.labels == other.labels
    }
}

impl NamePattern {
    /// The version in `name`. `None` if `name` does not follow this pattern or its version has an impossible length.
    pub fn version_in<'name>(&self, name: &'name str) -> Option<&'name str> {
        let middle = name
            .strip_prefix(self.prefix.as_str())?
            .strip_suffix(self.suffix.as_str())?;
        let hexadecimal = middle
            .bytes()
            .all(|letter| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter));
        (VERSION_LENGTHS.contains(&middle.len()) && hexadecimal).then_some(middle)
    }
}
