//! The two kinds of objects that Swarm makes of files.

use std::fmt;

use serde::Serialize;

/// A secret or a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// Encrypted at rest, mounted in memory; its data can't be read back.
    Secret,
    /// Plain data that anyone with access to the API can read back.
    Config,
}

impl ObjectKind {
    /// Both kinds, in the order in which stack files are read.
    pub(crate) const ALL: [Self; 2] = [Self::Secret, Self::Config];

    /// The smallest length in bytes that Swarm refuses as too long.
    pub(crate) fn refused_length(self) -> u64 {
        match self {
            Self::Secret => 512_000,
            Self::Config => 1_024_000,
        }
    }

    /// The key of the section for this kind, in a stack file and in each of its services.
    pub(crate) fn section_key(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::Config => "configs",
        }
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
