//! What a stack wants in the Swarm, as plain data: no content, no network, no Git.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::name::{ObjectName, StackName};
use super::version::Version;

/// The two kinds of content-addressed objects that Swarm keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// Encrypted at rest, mounted in memory; its data can't be read back.
    Secret,
    /// Plain data that anyone with access to the API can read back.
    Config,
}

/// Where an object's content comes from, as its labels will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Path in the repository, with `/` between its parts.
    pub path: String,
    /// The whole blob id of the file as Git stores it, 40 hexadecimal digits.
    pub blob: String,
    /// The commit in hand, with `-dirty` behind it where the file differs from that commit; none before the first one.
    pub commit: Option<String>,
}

/// The names that the versions of one entry have: a version between two fixed parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern {
    /// What stands before the version.
    pub prefix: String,
    /// What stands behind it.
    pub suffix: String,
}

/// One secret or config that a stack wants in the Swarm, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredObject {
    /// Secret or config.
    pub kind: ObjectKind,
    /// Its key in the stack file.
    pub entry: String,
    /// Its name in the Swarm, version included.
    pub name: ObjectName,
    /// What the names of its other versions look like.
    pub pattern: NamePattern,
    /// The version in its name.
    pub version: Version,
    /// Where its content comes from.
    pub origin: Origin,
    /// `template_driver`, passed on.
    pub template_driver: Option<String>,
    /// `driver` of a secret, passed on.
    pub driver: Option<String>,
    /// `labels` of the entry, passed on.
    pub labels: BTreeMap<String, String>,
}

/// An entry with `external: true`: must exist, is never created or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalObject {
    /// Secret or config.
    pub kind: ObjectKind,
    /// Its key in the stack file.
    pub entry: String,
    /// Its name in the Swarm.
    pub name: ObjectName,
    /// The stack file and line (from 1) that ask for it.
    pub place: String,
}

/// A service of the stack and the entries that it mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredService {
    /// Its key in the stack file; in the Swarm it is called `<stack>_<key>`.
    pub name: String,
    /// Kind and key of every top-level secret and config that it uses.
    pub uses: Vec<(ObjectKind, String)>,
}

/// Everything that one stack wants, at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredStack {
    /// The stack's name.
    pub name: StackName,
    /// Its managed secrets and configs, in the order of the stack file.
    pub objects: Vec<DesiredObject>,
    /// What must exist already.
    pub externals: Vec<ExternalObject>,
    /// Its services.
    pub services: Vec<DesiredService>,
}

impl DesiredStack {
    /// A stack of which nothing is known but its name.
    pub fn nothing(name: StackName) -> Self {
        Self {
            name,
            objects: Vec::new(),
            externals: Vec::new(),
            services: Vec::new(),
        }
    }
}

impl NamePattern {
    /// The version in `name`, where it fits this pattern with 12 to 40 hexadecimal digits.
    pub fn version_in<'name>(&self, name: &'name str) -> Option<&'name str> {
        let middle = name
            .strip_prefix(self.prefix.as_str())?
            .strip_suffix(self.suffix.as_str())?;
        let hexadecimal = middle
            .bytes()
            .all(|letter| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter));
        ((12..=40).contains(&middle.len()) && hexadecimal).then_some(middle)
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Secret => "secret",
            Self::Config => "config",
        })
    }
}
