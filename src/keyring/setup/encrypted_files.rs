//! The files of a repository that a key encrypts, and whether they can be written anew without losing work.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::format::{KeyFile, KeyName, is_authentic};
use crate::repository::{
    BlobId, IndexEntry, PathBytes, Repository, RepositoryError, SeenFolders, WorkTreeState, go_on,
};

/// Files whose work-tree version exists nowhere else.
#[derive(Debug)]
pub struct ModifiedFiles {
    /// The work tree they are in, if it is not the one in hand.
    pub elsewhere: Option<PathBuf>,
    /// Where they lie in it; not empty.
    pub paths: Vec<PathBytes>,
}

/// The files in the index that the attributes give to `key`, and that Git stores encrypted; but not those that a partial
/// clone has left out with a part of the work tree.
pub(crate) fn encrypted_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<IndexEntry>, RepositoryError> {
    let mut files = Vec::new();
    let entries = repository.index().entries()?;
    let encryptions = repository
        .attributes()
        .encryptions(entries.iter().map(|entry| &entry.path))?;
    for (entry, encryption) in entries.into_iter().zip(encryptions) {
        go_on()?;
        let left_out = || Ok(entry.skip_worktree && !repository.objects().has_blob(entry.blob)?);
        if encryption.is_some_and(|encryption| encryption.key == *key)
            && !left_out()?
            && repository.objects().is_encrypted(entry.blob)?
        {
            files.push(entry);
        }
    }
    Ok(files)
}

/// The files in the index that Git stores encrypted, by the keys that the attributes give them to; but not those that a
/// partial clone has left out with a part of the work tree.
pub(crate) fn by_key(
    repository: &Repository,
) -> Result<BTreeMap<KeyName, Vec<IndexEntry>>, RepositoryError> {
    let mut files: BTreeMap<KeyName, Vec<IndexEntry>> = BTreeMap::new();
    let entries = repository.index().entries()?;
    let encryptions = repository
        .attributes()
        .encryptions(entries.iter().map(|entry| &entry.path))?;
    for (entry, encryption) in entries.into_iter().zip(encryptions) {
        go_on()?;
        let Some(encryption) = encryption else {
            continue;
        };
        let left_out = entry.skip_worktree && !repository.objects().has_blob(entry.blob)?;
        if !left_out && repository.objects().is_encrypted(entry.blob)? {
            files.entry(encryption.key).or_default().push(entry);
        }
    }
    Ok(files)
}

/// Encrypted files of `key` that are not at hand, to prove a key on: a few of those that a partial clone has left out,
/// which are fetched, or, if there is no index, those of the last commit.
pub(crate) fn left_out_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<BlobId>, RepositoryError> {
    /// How many files are fetched to prove a key on.
    const FILES_TO_FETCH: usize = 8;
    let mut entries = repository.index().entries()?;
    if entries.is_empty() {
        return encrypted_in_head(repository, key);
    }
    entries.retain(|entry| entry.skip_worktree);
    let encryptions = repository
        .attributes()
        .encryptions(entries.iter().map(|entry| &entry.path))?;
    let of_key = entries.into_iter().zip(encryptions).filter(|(_, asked)| {
        let asked = asked.as_ref();
        asked.is_some_and(|encryption| encryption.key == *key)
    });
    let mut blobs: Vec<BlobId> = of_key
        .map(|(entry, _)| entry.blob)
        .take(FILES_TO_FETCH)
        .collect();
    repository.objects().fetch_blobs(blobs.iter().copied())?;
    let mut encrypted = Vec::new();
    for blob in blobs.drain(..) {
        if repository.objects().has_blob(blob)? && repository.objects().is_encrypted(blob)? {
            encrypted.push(blob);
        }
    }
    Ok(encrypted)
}

fn encrypted_in_head(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<BlobId>, RepositoryError> {
    let Some(head) = repository.objects().head_commit()? else {
        return Ok(Vec::new());
    };
    let mut files = repository.commits().head_files()?;
    files.retain(|file| !file.is_link);
    let attributes = repository.attributes().of_commit(head)?;
    let encryptions = attributes.encryptions(files.iter().map(|file| &file.path))?;
    let of_key = files.into_iter().zip(encryptions).filter(|(_, asked)| {
        let asked = asked.as_ref();
        asked.is_some_and(|encryption| encryption.key == *key)
    });
    let blobs: Vec<BlobId> = of_key.map(|(file, _)| file.blob).collect();
    repository.objects().fetch_blobs(blobs.iter().copied())?;
    let mut encrypted = Vec::new();
    for blob in blobs {
        if repository.objects().is_encrypted(blob)? {
            encrypted.push(blob);
        }
    }
    Ok(encrypted)
}

/// True where `key` decrypts this blob.
pub(crate) fn opens(key: &KeyFile, blob: &[u8]) -> bool {
    is_authentic(key, std::iter::once(blob))
}

/// The same, and none left out.
pub(crate) fn all_encrypted_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<IndexEntry>, RepositoryError> {
    let entries = repository.index().entries()?;
    repository
        .objects()
        .fetch_blobs(entries.iter().map(|entry| entry.blob))?;
    encrypted_files(repository, key)
}

/// A file in the work tree that is to be encrypted, and has not been yet.
#[derive(Debug)]
pub(crate) struct PlainFile {
    /// Where it lies.
    pub path: PathBytes,
    /// False where Git has it in plaintext, or only means to add it.
    pub untracked: bool,
}

/// The files in plaintext that the attributes give to one of `keys`: with its filter gone, adding them stores plaintext.
pub(crate) fn plain_files(
    repository: &Repository,
    keys: &[KeyName],
) -> Result<Vec<PlainFile>, RepositoryError> {
    let untracked = repository.work_tree().untracked()?;
    let tracked = repository.index().entries()?;
    let paths = untracked
        .iter()
        .chain(tracked.iter().map(|entry| &entry.path));
    let encryptions = repository.attributes().encryptions(paths)?;
    let mut files = Vec::new();
    for (index, encryption) in encryptions.into_iter().enumerate() {
        let entry = index
            .checked_sub(untracked.len())
            .map(|index| &tracked[index]);
        let path = entry.map_or_else(|| &untracked[index], |entry| &entry.path);
        let of_keys = encryption.is_some_and(|encryption| keys.contains(&encryption.key));
        let is_plain = |entry: &IndexEntry| {
            Ok(repository.objects().has_blob(entry.blob)?
                && !repository.objects().is_encrypted(entry.blob)?)
        };
        // There is nothing in an empty file.
        if of_keys
            && repository.work_tree().is_regular_file(path)
            && !repository.work_tree().is_empty_file(path)
            && entry.map_or(Ok(true), is_plain)?
        {
            files.push(PlainFile {
                path: path.clone(),
                untracked: entry.is_none(),
            });
        }
    }
    Ok(files)
}

/// Those of `files` that are in the work tree, parted into unmodified and modified ones.
///
/// A sparse checkout leaves files out, and deleting one may be what its user means to do: neither comes back. Nor is
/// anything written where a symbolic link leads.
pub(crate) fn part_modified(
    repository: &Repository,
    files: Vec<IndexEntry>,
    key: Option<&KeyFile>,
) -> Result<(Vec<IndexEntry>, Vec<IndexEntry>), RepositoryError> {
    let mut unmodified = Vec::new();
    let mut modified = Vec::new();
    let mut seen = SeenFolders::default();
    for entry in files {
        go_on()?;
        if repository
            .work_tree()
            .is_behind_link(&entry.path, &mut seen)
        {
            continue;
        }
        match repository.work_tree().state_of(&entry, key)? {
            WorkTreeState::Missing => {}
            WorkTreeState::Unmodified => unmodified.push(entry),
            WorkTreeState::Modified => modified.push(entry),
        }
    }
    Ok((unmodified, modified))
}

impl ModifiedFiles {
    /// The modified files of a work tree, which is the one `in_hand` or another.
    pub(crate) fn new(place: &Repository, in_hand: &Repository, files: Vec<IndexEntry>) -> Self {
        let elsewhere = place
            .work_tree()
            .top()
            .filter(|_| !std::ptr::eq(place, in_hand))
            .map(|path| path.components().collect());
        Self {
            elsewhere,
            paths: files.into_iter().map(|entry| entry.path).collect(),
        }
    }
}

impl fmt::Display for ModifiedFiles {
    /// How many, where, and the first few of them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.paths.len();
        let files_are = if number == 1 { "file is" } else { "files are" };
        write!(
            formatter,
            "{number} encrypted {files_are} modified in the work tree"
        )?;
        if let Some(path) = &self.elsewhere {
            write!(formatter, " at {}", path.display())?;
        }
        let shown: Vec<String> = self.paths.iter().take(5).map(ToString::to_string).collect();
        write!(formatter, ": {}", shown.join(", "))?;
        match number - shown.len() {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}
