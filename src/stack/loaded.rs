//! A stack at one revision: what it wants, and what its files hold.

use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::stack::desired::{DesiredStack, StackObject};
use crate::stack::error::StackError;
use crate::stack::files::StackFile;
use crate::stack::source::{Sources, StackVariables};

/// A stack, read once: everything that is asked about it comes from here.
pub struct Stack<'repository> {
    pub(super) repository: &'repository Repository,
    pub(super) desired: DesiredStack,
    pub(super) files: Vec<StackFile>,
    /// The digest of the values that the caller's environment gives to variables.
    pub(super) values: String,
    /// The variables of the files that the settings name.
    pub(super) variables: StackVariables,
    pub(super) sources: Sources<'repository>,
}

impl Stack<'_> {
    /// The objects that the stack wants in the Swarm.
    pub fn desired(&self) -> &DesiredStack {
        &self.desired
    }

    /// The plaintext of one of its objects, decrypted in memory.
    pub fn content(&self, object: &StackObject) -> Result<SecretBytes, StackError> {
        self.sources
            .open(&object.origin.path, &object.content)
            .map_err(|source| StackError::of_source(&object.entry_place(), source))
    }
}
