//! Where the content of managed files comes from: the work tree or a commit, decrypted in memory.

mod error;
mod keys;
mod plaintext;
mod sources;
mod tree;
mod variable_file;

pub(crate) use error::SourceError;
pub(super) use sources::{Source, Sources};
pub(crate) use tree::TreeError;
pub(super) use tree::{Found, Tree};
