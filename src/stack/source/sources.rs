//! Finds the files that a stack names, and decrypts them.

use std::cell::{Cell, OnceCell};

use super::content::{Held, HeldContent};
use super::error::{MAXIMUM_TOTAL, SourceError};
use super::keys::{Keys, copy};
use super::named_keys::NamedKeys;
use super::rotation::is_before_rotation;
use super::tree::{FoundFile, Tree};
use crate::format::{Header, KeyName};
use crate::repository::{BlobId, CommitFolders, IndexSnapshot, PathBytes, RepositoryError};
use crate::secret::SecretBytes;

/// Content that is refused unless the user accepts it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Accepted {
    /// Secrets that are not encrypted in Git.
    pub plaintext: bool,
    /// Files that only a retired key decrypts.
    pub retired_keys: bool,
}

/// The files of a work tree or a commit, with the available keys.
pub(crate) struct Sources<'repository> {
    pub(crate) tree: Tree<'repository>,
    pub(crate) accepted: Accepted,
    pub(crate) keys: Keys<'repository>,
    pub(crate) named_keys: NamedKeys<'repository>,
    /// The checked-out commit, once it is looked up. The inner `None` means that there is no commit yet.
    checked_out: OnceCell<Option<CommitFolders>>,
    /// The index, once it is read.
    index: OnceCell<IndexSnapshot>,
    /// How many bytes of content have been read so far.
    length_read: Cell<u64>,
}

impl Accepted {
    /// Accepts all content, for work that does not publish anything.
    pub(crate) const EVERYTHING: Self = Self {
        plaintext: true,
        retired_keys: true,
    };
}

impl<'repository> Sources<'repository> {
    /// The files of `tree`.
    pub(crate) fn new(tree: Tree<'repository>, accepted: Accepted) -> Self {
        Self {
            keys: Keys::new(tree.repository),
            named_keys: NamedKeys::new(tree.repository, tree.commit()),
            tree,
            accepted,
            checked_out: OnceCell::new(),
            index: OnceCell::new(),
            length_read: Cell::new(0),
        }
    }

    /// The folders of the checked-out commit. `None` before the first commit.
    pub(crate) fn checked_out(&self) -> Result<Option<&CommitFolders>, SourceError> {
        if let Some(known) = self.checked_out.get() {
            return Ok(known.as_ref());
        }
        let repository = self.tree.repository;
        let head = match repository.objects().head_commit()? {
            Some(head) => Some(CommitFolders::new(repository.objects(), head)?),
            None => None,
        };
        Ok(self.checked_out.get_or_init(|| head).as_ref())
    }

    /// The blob staged for the regular file at `path`.
    pub(crate) fn staged_blob(&self, path: &PathBytes) -> Result<Option<BlobId>, SourceError> {
        if let Some(index) = self.index.get() {
            return Ok(index.staged_blob(path));
        }
        let index = self.tree.repository.index().snapshot()?;
        Ok(self.index.get_or_init(|| index).staged_blob(path))
    }

    /// In a partial clone, fetches the files at these `paths` from the remote, all at once. A file that can't be found or
    /// fetched is reported when it is read.
    pub(crate) fn fetch(&self, paths: impl Iterator<Item = String>) -> Result<(), RepositoryError> {
        let objects = self.tree.repository.objects();
        if !objects.is_partial()? {
            return Ok(());
        }
        let found = paths.filter_map(|path| self.tree.find(&path).ok().flatten());
        objects.fetch_blobs(found.filter_map(|found| found.blob))
    }

    /// Asks Git at once which keys must encrypt these `paths`.
    pub(crate) fn ask_for_keys(&self, paths: impl Iterator<Item = String>) {
        self.named_keys.ask_ahead(paths);
    }

    /// The file at `path`.
    pub(crate) fn find(&self, path: &str) -> Result<FoundFile, SourceError> {
        self.tree.find(path)?.ok_or_else(|| SourceError::Missing {
            path: path.to_owned(),
            revision: self.tree.commit().map(|commit| commit.to_string()),
        })
    }

    /// Reads a file of this `length`. An error if the stack's files become too long together.
    pub(crate) fn read(&self, found: &FoundFile, length: u64) -> Result<SecretBytes, SourceError> {
        let total = self.length_read.get().saturating_add(length);
        if total > MAXIMUM_TOTAL {
            let path = found.path.clone();
            return Err(SourceError::TooMuch { path });
        }
        self.length_read.set(total);
        Ok(self.tree.read(found)?)
    }

    /// The content of the file at `path`. If it begins with the header of ciphertext, the attributes must say that it is
    /// encrypted.
    pub(crate) fn held(&self, path: &str, content: SecretBytes) -> Result<Held, SourceError> {
        let header = Header::parse(content.expose_beginning());
        let header = header.map_err(|source| SourceError::CutOff {
            path: path.to_owned(),
            source,
        })?;
        if header.is_none() {
            return Ok(Held::Plain(content));
        }
        match self.named_keys.of(path)? {
            Some(key) => Ok(Held::Encrypted { blob: content, key }),
            None => Err(SourceError::NotNamed {
                path: path.to_owned(),
                revision: self.tree.commit().map(|commit| commit.to_string()),
            }),
        }
    }

    /// The plaintext of `content`, which was read at `path`.
    pub(crate) fn open(
        &self,
        path: &str,
        content: &HeldContent,
    ) -> Result<SecretBytes, SourceError> {
        match content.held() {
            Held::Plain(content) => Ok(copy(content)),
            Held::Encrypted { blob, key } => {
                let opened = self.keys.open(path, copy(blob), key)?;
                if opened.by_retired {
                    self.check_retired(path, key)?;
                }
                Ok(opened.content)
            }
        }
    }

    /// Refuses a file that only a retired key decrypts, unless the commit that was read or is checked out is older than the
    /// rotation.
    pub(crate) fn check_retired(&self, path: &str, key: &KeyName) -> Result<(), SourceError> {
        if self.accepted.retired_keys {
            return Ok(());
        }
        let repository = self.tree.repository;
        let commit = match self.tree.commit() {
            Some(commit) => Some(commit),
            None => repository.objects().head_commit()?,
        };
        if let Some(commit) = commit
            && is_before_rotation(repository, &self.keys, commit, path, key)?
        {
            return Ok(());
        }
        Err(SourceError::Retired {
            path: path.to_owned(),
            key: key.clone(),
        })
    }
}
