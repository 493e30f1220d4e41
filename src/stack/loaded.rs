//! A stack that was read at one revision: what it wants, and the content of its files.

use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::stack::desired::{DesiredStack, StackObject};
use crate::stack::error::StackError;
use crate::stack::files::StackFile;
use crate::stack::find::ObjectSettings;
use crate::stack::line_end::{is_value_with_newline, stripped};
use crate::stack::names::ObjectKind;
use crate::stack::source::{SourceError, Sources, StackVariables};

/// A stack. Its files are read once, and all questions about it are answered from what was read.
pub struct Stack<'repository> {
    pub(super) repository: &'repository Repository,
    pub(super) desired: DesiredStack,
    pub(super) files: Vec<StackFile>,
    pub(super) settings: ObjectSettings,
    /// One digest over the values that the caller's environment gives to variables.
    pub(super) values: String,
    /// The variables from the files that the settings name.
    pub(super) variables: StackVariables,
    pub(super) sources: Sources<'repository>,
    /// True if the files could be read, and have errors only in secrets and configs.
    pub(super) is_sound: bool,
}

impl Stack<'_> {
    /// The objects that the stack wants in the Swarm.
    pub fn desired(&self) -> &DesiredStack {
        &self.desired
    }

    /// The content of an object, decrypted in memory.
    pub fn content(&self, object: &StackObject) -> Result<SecretBytes, StackError> {
        let failed = |source| StackError::of_source(&object.entry_place(), source);
        let content = self.sources.open(&object.origin.path, &object.content);
        let content = content.map_err(failed)?;
        if self.settings.strip_newline != Some(true) || object.kind != ObjectKind::Secret {
            return Ok(content);
        }
        let content = stripped(content);
        if content.is_empty() {
            let (path, kind) = (object.origin.path.clone(), object.kind);
            return Err(failed(SourceError::Empty { path, kind }));
        }
        Ok(content)
    }

    /// True if the object is a secret that consists of one value and a newline, and the settings don't say whether the
    /// newline is wanted. False if its key is missing.
    pub(crate) fn has_newline(&self, object: &StackObject) -> bool {
        object.kind == ObjectKind::Secret
            && self.settings.strip_newline.is_none()
            && self.content(object).is_ok_and(is_value_with_newline)
    }
}
