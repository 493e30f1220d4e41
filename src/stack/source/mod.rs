//! Where the content of managed files comes from: the work tree or a commit, decrypted in memory.

mod content;
mod error;
mod keys;
mod plaintext;
mod sources;
mod tree;
mod variable_file;

pub(crate) use content::HeldContent;
pub(crate) use error::SourceError;
pub(crate) use sources::Origin;
pub(super) use sources::{ManagedFile, Sources};
pub(crate) use tree::TreeError;
pub(super) use tree::{Found, Tree};
