//! Where a managed file's content and its blob id come from.

use thiserror::Error;

use super::keys::{Keys, copy, decrypting, encrypted_id};
use super::object::{ObjectKind, Origin};
use super::tree::{Found, Tree, TreeError};
use crate::format::{BlobError, Header, KeyName};
use crate::repository::{BlobId, PathBytes, RepositoryError, TreeEntry};
use crate::secret::SecretBytes;

/// Why a file can't become a secret or config.
#[derive(Debug, Error)]
pub enum SourceError {
    /// There is no such file.
    #[error("{path} does not exist{}", revision.as_ref().map(|revision| format!(" in {revision}")).unwrap_or_default())]
    Missing {
        /// The file.
        path: String,
        /// The commit that was looked at, if it was one.
        revision: Option<String>,
    },
    /// Swarm takes no empty objects.
    #[error("{path} is empty, and a {kind} must not be")]
    Empty {
        /// The file.
        path: String,
        /// Secret or config.
        kind: ObjectKind,
    },
    /// Longer than Swarm takes.
    #[error("{path} has {length} bytes, and a {kind} must have less than {limit}")]
    TooLarge {
        /// The file.
        path: String,
        /// Secret or config.
        kind: ObjectKind,
        /// Its length in plaintext.
        length: u64,
        /// Swarm's limit.
        limit: u64,
    },
    /// Too long for a file of variables.
    #[error("{path} has {length} bytes, and can be no file of variables")]
    TooLong {
        /// The file.
        path: String,
        /// Its length.
        length: u64,
    },
    /// A secret's file that its attributes don't have encrypted, or that a commit has in plaintext.
    #[error("{path} is not encrypted in Git, and a secret must be")]
    NotEncrypted {
        /// The file.
        path: String,
    },
    /// A secret's file whose staged version is plaintext although its attributes ask for encryption.
    #[error("{path} should be encrypted, but Git has it in plaintext")]
    StoredInPlaintext {
        /// The file.
        path: String,
    },
    /// A secret's file that Git does not know yet.
    #[error("{path} is not in Git yet, and a secret must be, encrypted")]
    Untracked {
        /// The file.
        path: String,
    },
    /// Git converts the file in a way that can't be followed.
    #[error(
        "Git stores {path} as something else than what the work tree has (a filter or an encoding); that can only be read from a commit"
    )]
    Converted {
        /// The file.
        path: String,
    },
    /// The key is needed and not there.
    #[error("{doing} {path} needs the key, and this repository is locked")]
    Locked {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: String,
    },
    /// None of the keys here fits.
    #[error("decrypting {path} failed: {source}")]
    Decrypt {
        /// The file.
        path: String,
        /// Why.
        source: BlobError,
    },
    /// The path, or the file behind it.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The repository itself.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// So large a file is none for the Swarm, whatever is in it, and not even looked into; in bytes.
const MOST_TO_READ: u64 = 16 << 20;

/// A managed file, with its id and what its content will be made from.
pub(super) struct Source {
    pub(super) origin: Origin,
    held: Held,
}

/// What a file's plaintext comes from.
enum Held {
    /// Ciphertext, in the work tree or a commit.
    Encrypted(SecretBytes),
    /// Plaintext.
    Plain(SecretBytes),
}

/// Finds files and reads them, with the keys that are here.
pub(super) struct Sources<'repository> {
    pub(super) tree: Tree<'repository>,
    allow_plaintext: bool,
    pub(super) keys: Keys<'repository>,
}

impl ObjectKind {
    /// Swarm takes objects of less than so many bytes.
    pub(super) fn limit(self) -> u64 {
        match self {
            Self::Secret => 512_000,
            Self::Config => 1_024_000,
        }
    }
}

impl<'repository> Sources<'repository> {
    /// Reads from `tree`; with `allow_plaintext`, secrets that are not encrypted are taken too.
    pub(super) fn new(tree: Tree<'repository>, allow_plaintext: bool) -> Self {
        Self {
            keys: Keys::new(tree.repository),
            tree,
            allow_plaintext,
        }
    }

    /// Reads the file at `path` for an object of this `kind`.
    pub(super) fn source(&self, path: &str, kind: ObjectKind) -> Result<Source, SourceError> {
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

    pub(super) fn missing(&self, path: &str) -> SourceError {
        SourceError::Missing {
            path: path.to_owned(),
            revision: self.tree.commit().map(|commit| commit.to_string()),
        }
    }

    /// The plaintext behind `source`.
    pub(super) fn content(&self, source: &Source) -> Result<SecretBytes, SourceError> {
        match &source.held {
            Held::Plain(content) => Ok(copy(content)),
            Held::Encrypted(blob) => {
                let path = &source.origin.path;
                self.keys
                    .decrypt(path, copy(blob), self.named_key(path)?.as_ref())
            }
        }
    }

    /// Of a file that is plaintext here: the id that Git stores it by, the id it is named by, and its content.
    fn plaintext(
        &self,
        found: &Found,
        kind: ObjectKind,
        mut content: SecretBytes,
    ) -> Result<(BlobId, BlobId, Held), SourceError> {
        let path = PathBytes::new(found.path.as_bytes());
        let repository = self.tree.repository;
        if let Some(blob) = found.blob {
            let named = match kind {
                ObjectKind::Config => blob,
                ObjectKind::Secret => self.id_if_encrypted(&found.path, &content)?,
            };
            return Ok((blob, named, Held::Plain(content)));
        }
        if let Some(encryption) = repository.encryption_of(&path)? {
            let id = self.id_when_encrypted(&path, &encryption.key, &content)?;
            if kind == ObjectKind::Secret && !self.allow_plaintext {
                let staged =
                    repository
                        .staged_blob(&path)?
                        .ok_or_else(|| SourceError::Untracked {
                            path: found.path.clone(),
                        })?;
                if staged != id && !repository.is_encrypted(staged)? {
                    return Err(SourceError::StoredInPlaintext {
                        path: found.path.clone(),
                    });
                }
            }
            return Ok((id, id, Held::Plain(content)));
        }
        if kind == ObjectKind::Secret {
            let named = self.id_if_encrypted(&found.path, &content)?;
            let stored = repository.id_when_stored(&path, content.expose())?;
            return Ok((stored, named, Held::Plain(content)));
        }
        let id = repository.id_when_stored(&path, content.expose())?;
        if BlobId::of_content(content.expose()) == id {
            return Ok((id, id, Held::Plain(content)));
        }
        let stored = without_carriage_returns(content.expose());
        if BlobId::of_content(&stored) == id {
            return Ok((id, id, Held::Plain(SecretBytes::from_vec(stored))));
        }
        Err(SourceError::Converted {
            path: found.path.clone(),
        })
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

    /// The id of a file that its attributes have encrypted. Git's own blob stays what it is as long as the plaintext
    /// in it is the same, even where a newer key would give another.
    fn id_when_encrypted(
        &self,
        path: &PathBytes,
        key: &KeyName,
        content: &SecretBytes,
    ) -> Result<BlobId, SourceError> {
        let name = path.to_string();
        let repository = self.tree.repository;
        let keys = self.keys.all()?;
        let Some(key) = keys.iter().find(|known| known.name() == key) else {
            return Err(SourceError::Locked {
                doing: "telling the version of",
                path: name,
            });
        };
        let id = encrypted_id(key, content);
        let Some(staged) = repository.staged_blob(path)?.filter(|&staged| staged != id) else {
            return Ok(id);
        };
        let blob = repository.blob(staged)?;
        let same_length = blob.content().len() == content.len() + Header::LEN;
        if same_length && Header::is_in(blob.content()) {
            let staged_content = SecretBytes::copy_of(blob.content());
            let staged_content = self.keys.decrypt(&name, staged_content, Some(key.name()));
            if staged_content.is_ok_and(|staged| equal(&staged, content)) {
                return Ok(staged);
            }
        }
        Ok(id)
    }

    /// The id that a secret in plaintext would have if it were encrypted, where such secrets are allowed.
    fn id_if_encrypted(&self, path: &str, content: &SecretBytes) -> Result<BlobId, SourceError> {
        if !self.allow_plaintext {
            return Err(SourceError::NotEncrypted {
                path: path.to_owned(),
            });
        }
        let key = self
            .keys
            .all()?
            .first()
            .ok_or_else(|| SourceError::Locked {
                doing: "telling the version of",
                path: path.to_owned(),
            })?;
        Ok(encrypted_id(key, content))
    }

    /// The key that the attributes of `path` name; those of a commit are not looked at.
    pub(super) fn named_key(&self, path: &str) -> Result<Option<KeyName>, SourceError> {
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

fn equal(one: &SecretBytes, other: &SecretBytes) -> bool {
    one.len() == other.len()
        && one
            .expose_chunks()
            .flatten()
            .eq(other.expose_chunks().flatten())
}

fn without_carriage_returns(content: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(content.len());
    for (index, &byte) in content.iter().enumerate() {
        if byte != b'\r' || content.get(index + 1) != Some(&b'\n') {
            stored.push(byte);
        }
    }
    stored
}
