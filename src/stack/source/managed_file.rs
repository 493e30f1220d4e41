//! The file of a secret or config: its content, its blob id, its commit.

use super::content::{Held, HeldContent};
use super::error::SourceError;
use super::sources::Sources;
use super::tree::FoundFile;
use crate::repository::{BlobId, PathBytes, TreeEntry};
use crate::stack::names::ObjectKind;

/// Maximum length in bytes of a file that is read. A longer file is refused without reading it.
pub(crate) const MAXIMUM_LENGTH: u64 = 4 << 20;

/// The suffix of a commit's id if the file differs from that commit.
pub(crate) const DIRTY: &str = "-dirty";

/// Where the content of an object comes from, as stated in the object's labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Path in the repository, with `/` between its parts.
    pub path: String,
    /// The whole blob id of the file as Git stores it, 40 or 64 hexadecimal digits.
    pub blob: String,
    /// The commit that was read or is checked out, followed by `-dirty` if the file differs from it. `None` before the first
    /// commit.
    pub commit: Option<String>,
}

impl Origin {
    /// True if the commit does not have this content, or if there is no commit.
    pub fn is_uncommitted(&self) -> bool {
        let commit = self.commit.as_ref();
        commit.is_none_or(|commit| commit.ends_with(DIRTY))
    }
}

/// A managed file, with its id and its content.
pub(crate) struct ManagedFile {
    pub(crate) origin: Origin,
    pub(crate) content: HeldContent,
    /// True if the file is encrypted in Git, or will be when it is added.
    pub(crate) is_encrypted_in_git: bool,
}

/// A file with its blob ids.
pub(crate) struct IdentifiedFile {
    /// The id of the blob in which Git stores the file.
    pub(crate) stored: BlobId,
    /// The id of the blob that the version is taken from.
    pub(crate) named: BlobId,
    pub(crate) content: HeldContent,
    /// True if the file is encrypted in Git, or will be when it is added.
    pub(crate) is_encrypted_in_git: bool,
}

impl Sources<'_> {
    /// Reads the file at `path` for an object of this `kind`.
    pub(crate) fn managed_file(
        &self,
        path: &str,
        kind: ObjectKind,
    ) -> Result<ManagedFile, SourceError> {
        let found = self.find(path)?;
        let path = found.path.clone();
        let on_disk = self.tree.len(&found)?;
        if on_disk > MAXIMUM_LENGTH {
            return Err(too_large(&path, kind, on_disk));
        }
        let held = self.held(&path, self.read(&found, on_disk)?)?;
        let length = held.plaintext_length();
        if length == 0 {
            return Err(SourceError::Empty { path, kind });
        }
        if length >= kind.refused_length() {
            return Err(too_large(&path, kind, length));
        }
        let known = match held {
            Held::Plain(content) => self.plain_file(&found, kind, content)?,
            Held::Encrypted { mut blob, key } => {
                if kind == ObjectKind::Secret {
                    self.check_tracked(&found)?;
                }
                let id = self.tree.repository.objects().id_of(blob.expose());
                IdentifiedFile {
                    stored: id,
                    named: id,
                    content: HeldContent::encrypted(blob, key),
                    is_encrypted_in_git: true,
                }
            }
        };
        Ok(ManagedFile {
            origin: Origin {
                blob: known.named.to_string(),
                commit: self.commit_label(&path, known.stored)?,
                path,
            },
            content: known.content,
            is_encrypted_in_git: known.is_encrypted_in_git,
        })
    }

    /// Refuses the file of a secret if Git does not have it, or has it in plaintext.
    fn check_tracked(&self, found: &FoundFile) -> Result<(), SourceError> {
        if found.blob.is_some() || self.accepted.plaintext {
            return Ok(());
        }
        let path = found.path.clone();
        let repository = self.tree.repository;
        match self.staged_blob(&PathBytes::new(path.as_bytes()))? {
            None => Err(SourceError::Untracked { path }),
            Some(staged) if repository.objects().is_encrypted(staged)? => Ok(()),
            Some(_) => Err(SourceError::StoredInPlaintext { path }),
        }
    }

    /// The commit that was read or is checked out, marked as dirty if it does not have the blob `stored` at `path`.
    pub(crate) fn commit_label(
        &self,
        path: &str,
        stored: BlobId,
    ) -> Result<Option<String>, SourceError> {
        if let Some(commit) = self.tree.commit() {
            return Ok(Some(commit.to_string()));
        }
        let Some(head) = self.checked_out()? else {
            return Ok(None);
        };
        let (commit, committed) = (
            head.commit(),
            head.entry(self.tree.repository.objects(), path)?,
        );
        Ok(Some(if committed == Some(TreeEntry::File(stored)) {
            commit.to_string()
        } else {
            format!("{commit}{DIRTY}")
        }))
    }
}

fn too_large(path: &str, kind: ObjectKind, length: u64) -> SourceError {
    SourceError::TooLarge {
        path: path.to_owned(),
        kind,
        length,
        limit: kind.refused_length(),
    }
}
