//! Where a managed file's content and its blob id come from.

use super::content::{Held, HeldContent};
use super::error::SourceError;
use super::keys::{Keys, copy, decrypting};
use super::tree::{Found, Tree};
use crate::format::{Header, KeyName};
use crate::repository::{BlobId, PathBytes, TreeEntry};
use crate::secret::SecretBytes;
use crate::stack::object_kind::ObjectKind;

/// Maximum length in bytes of a file that is looked into at all. Longer ones are refused by their length alone.
const MAXIMUM_LENGTH: u64 = 16 << 20;

/// The origin of an object, as its labels will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Path in the repository, with `/` between its parts.
    pub path: String,
    /// The whole blob id of the file as Git stores it, 40 hexadecimal digits.
    pub blob: String,
    /// The commit in hand, with `-dirty` behind it where the file differs from that commit; none before the first one.
    pub commit: Option<String>,
}

/// A managed file, with its id and its content.
pub(crate) struct ManagedFile {
    pub(crate) origin: Origin,
    pub(crate) content: HeldContent,
}

/// Finds files and reads them, with the keys that are here.
pub(crate) struct Sources<'repository> {
    pub(crate) tree: Tree<'repository>,
    pub(crate) allow_plaintext: bool,
    pub(crate) keys: Keys<'repository>,
}

impl<'repository> Sources<'repository> {
    /// Reads from `tree`; with `allow_plaintext`, secrets that are not encrypted are taken too.
    pub(crate) fn new(tree: Tree<'repository>, allow_plaintext: bool) -> Self {
        Self {
            keys: Keys::new(tree.repository),
            tree,
            allow_plaintext,
        }
    }

    /// Reads the file at `path` for an object of this `kind`.
    pub(crate) fn managed_file(
        &self,
        path: &str,
        kind: ObjectKind,
    ) -> Result<ManagedFile, SourceError> {
        let found = self.tree.find(path)?.ok_or_else(|| self.missing(path))?;
        let on_disk = self.tree.len(&found)?;
        if on_disk >= MAXIMUM_LENGTH {
            return Err(too_large(&found.path, kind, on_disk));
        }
        let mut content = self.tree.read(&found)?;
        let path = found.path.clone();
        let header = Header::parse(content.expose_beginning()).map_err(decrypting(&path))?;
        let overhead = header.map_or(0, |_| Header::LEN);
        let length = (content.len() - overhead) as u64;
        if length == 0 {
            return Err(SourceError::Empty { path, kind });
        }
        if length >= kind.refused_length() {
            return Err(too_large(&path, kind, length));
        }
        let (stored, named, content) = if header.is_some() {
            let id = BlobId::of_content(content.expose());
            if kind == ObjectKind::Secret {
                self.check_tracked(&found)?;
            }
            let key = self.named_key(&path)?;
            (id, id, HeldContent::encrypted(content, key))
        } else {
            self.plaintext(&found, kind, content)?
        };
        Ok(ManagedFile {
            origin: Origin {
                blob: named.to_string(),
                commit: self.commit_label(&path, stored)?,
                path,
            },
            content,
        })
    }

    pub(crate) fn missing(&self, path: &str) -> SourceError {
        SourceError::Missing {
            path: path.to_owned(),
            revision: self.tree.commit().map(|commit| commit.to_string()),
        }
    }

    /// The plaintext of the file at `path`, of which `content` is held.
    pub(crate) fn open(
        &self,
        path: &str,
        content: &HeldContent,
    ) -> Result<SecretBytes, SourceError> {
        match content.held() {
            Held::Plain(content) => Ok(copy(content)),
            Held::Encrypted { blob, key } => self.keys.decrypt(path, copy(blob), key.as_ref()),
        }
    }

    /// Refuses a secret's file that Git has not, or has in plaintext.
    fn check_tracked(&self, found: &Found) -> Result<(), SourceError> {
        if found.blob.is_some() || self.allow_plaintext {
            return Ok(());
        }
        let path = found.path.clone();
        let repository = self.tree.repository;
        match repository.staged_blob(&PathBytes::new(path.as_bytes()))? {
            None => Err(SourceError::Untracked { path }),
            Some(staged) if repository.is_encrypted(staged)? => Ok(()),
            Some(_) => Err(SourceError::StoredInPlaintext { path }),
        }
    }

    /// The key that the attributes of `path` name; those of a commit are not looked at.
    pub(crate) fn named_key(&self, path: &str) -> Result<Option<KeyName>, SourceError> {
        if self.tree.commit().is_some() {
            return Ok(None);
        }
        let encryption = self
            .tree
            .repository
            .attributes()
            .encryption_of(&PathBytes::new(path.as_bytes()))?;
        Ok(encryption.map(|encryption| encryption.key))
    }

    /// The commit in hand, marked where it has something else at `path`.
    fn commit_label(&self, path: &str, stored: BlobId) -> Result<Option<String>, SourceError> {
        if let Some(commit) = self.tree.commit() {
            return Ok(Some(commit.to_string()));
        }
        let repository = self.tree.repository;
        let Some(head) = repository.head_commit()? else {
            return Ok(None);
        };
        let committed = repository.tree_entry(head, path)?;
        let same = committed == Some(TreeEntry::File(stored));
        Ok(Some(match same {
            true => head.to_string(),
            false => format!("{head}-dirty"),
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
