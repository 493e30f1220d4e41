//! Where the content of managed files comes from: the work tree or a commit, decrypted in memory.

mod content;
mod error;
mod keys;
mod managed_file;
mod named_keys;
mod plaintext;
mod rotation;
mod sources;
mod stack_variables;
mod tree;
mod variable_file;

pub(crate) use content::HeldContent;
pub(crate) use error::SourceError;
pub(crate) use managed_file::DIRTY;
pub(super) use managed_file::ManagedFile;
pub(crate) use managed_file::Origin;
pub use sources::Accepted;
pub(super) use sources::Sources;
pub(super) use stack_variables::StackVariables;
pub(crate) use stack_variables::VariablesError;
pub(crate) use tree::TreeError;
pub(super) use tree::{FoundFile, Tree};
