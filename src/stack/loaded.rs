//! A stack at one revision: what it wants, and what its files hold.

use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::stack::desired::{DesiredStack, StackObject};
use crate::stack::error::StackError;
use crate::stack::files::StackFile;
use crate::stack::names::ObjectKind;
use crate::stack::source::{SourceError, Sources, StackVariables};

/// A stack, read once: everything that is asked about it comes from here.
pub struct Stack<'repository> {
    pub(super) repository: &'repository Repository,
    pub(super) desired: DesiredStack,
    pub(super) files: Vec<StackFile>,
    /// True if secrets of one line are published without the line's end.
    pub(super) strips_newline: bool,
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

    /// The content of one of its objects, decrypted in memory.
    pub fn content(&self, object: &StackObject) -> Result<SecretBytes, StackError> {
        let failed = |source| StackError::of_source(&object.entry_place(), source);
        let content = self.sources.open(&object.origin.path, &object.content);
        let content = content.map_err(failed)?;
        if !self.strips_newline || object.kind != ObjectKind::Secret {
            return Ok(content);
        }
        let content = stripped(content);
        if content.is_empty() {
            let (path, kind) = (object.origin.path.clone(), object.kind);
            return Err(failed(SourceError::Empty { path, kind }));
        }
        Ok(content)
    }

    /// True if the object is a secret of one line that is published with the line's end. False if its key is not here.
    pub(crate) fn has_newline(&self, object: &StackObject) -> bool {
        object.kind == ObjectKind::Secret
            && self.content(object).is_ok_and(|content| {
                let length = content.len();
                stripped(content).len() < length
            })
    }
}

/// A content of one line without the line's end. Any other content stays as it is.
pub(super) fn stripped(content: SecretBytes) -> SecretBytes {
    let first = {
        let mut bytes = content.expose_chunks().flatten();
        bytes.position(|&byte| byte == b'\n')
    };
    let Some(mut left) = first.filter(|first| first + 1 == content.len()) else {
        return content;
    };
    let mut stripped = SecretBytes::default();
    for chunk in content.expose_chunks() {
        let taken = left.min(chunk.len());
        stripped.append(&chunk[..taken]);
        left -= taken;
    }
    stripped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_only_line_is_taken_away() {
        for (content, expected) in [
            ("hunter2\n", "hunter2"),
            ("hunter2", "hunter2"),
            ("one\ntwo\n", "one\ntwo\n"),
            ("hunter2\n\n", "hunter2\n\n"),
            ("\n", ""),
            ("", ""),
        ] {
            let mut stripped = stripped(SecretBytes::copy_of(content.as_bytes()));
            assert_eq!(stripped.expose(), expected.as_bytes());
        }
    }
}
