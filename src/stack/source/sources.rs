//! Where a managed file's content and its blob id come from.

use super::error::SourceError;
use super::keys::{Keys, copy, decrypting};
use super::tree::{Found, Tree};
use crate::format::{Header, KeyName};
use crate::repository::{BlobId, PathBytes, TreeEntry};
use crate::secret::SecretBytes;
use crate::stack::object::{ObjectKind, Origin};

/// So large a file is none for the Swarm, whatever is in it, and not even looked into; in bytes.
const MOST_TO_READ: u64 = 16 << 20;

/// A managed file, with its id and what its content will be made from.
pub(crate) struct Source {
    pub(crate) origin: Origin,
    held: Held,
}

/// What a file's plaintext comes from.
pub(crate) enum Held {
    /// Ciphertext, in the work tree or a commit.
    Encrypted(SecretBytes),
    /// Plaintext.
    Plain(SecretBytes),
}

/// Finds files and reads them, with the keys that are here.
pub(crate) struct Sources<'repository> {
    pub(crate) tree: Tree<'repository>,
    pub(crate) allow_plaintext: bool,
    pub(crate) keys: Keys<'repository>,
}

impl ObjectKind {
    /// Swarm takes objects of less than so many bytes.
    pub(crate) fn limit(self) -> u64 {
        match self {
            Self::Secret => 512_000,
            Self::Config => 1_024_000,
        }
    }
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
    pub(crate) fn source(&self, path: &str, kind: ObjectKind) -> Result<Source, SourceError> {
        let found = self.tree.find(path)?.ok_or_else(|| self.missing(path))?;
        let on_disk = self.tree.len(&found)?;
        if on_disk >= MOST_TO_READ {
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
        if length >= kind.limit() {
            return Err(too_large(&path, kind, length));
        }
        let (stored, named, held) = if header.is_some() {
            let id = BlobId::of_content(content.expose());
            if kind == ObjectKind::Secret {
                self.check_tracked(&found)?;
            }
            (id, id, Held::Encrypted(content))
        } else {
            self.plaintext(&found, kind, content)?
        };
        Ok(Source {
            origin: Origin {
                blob: named.to_string(),
                commit: self.commit_label(&path, stored)?,
                path,
            },
            held,
        })
    }

    pub(crate) fn missing(&self, path: &str) -> SourceError {
        SourceError::Missing {
            path: path.to_owned(),
            revision: self.tree.commit().map(|commit| commit.to_string()),
        }
    }

    /// The plaintext behind `source`.
    pub(crate) fn content(&self, source: &Source) -> Result<SecretBytes, SourceError> {
        match &source.held {
            Held::Plain(content) => Ok(copy(content)),
            Held::Encrypted(blob) => {
                let path = &source.origin.path;
                self.keys
                    .decrypt(path, copy(blob), self.named_key(path)?.as_ref())
            }
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
        limit: kind.limit(),
    }
}
