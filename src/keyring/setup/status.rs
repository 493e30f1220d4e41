//! Which files are encrypted, which should be and are not.

use std::collections::HashSet;

use crate::format::{Header, KeyName};
use crate::repository::{Encryption, PathBytes, Repository, RepositoryError};

/// The state of one file.
#[derive(Debug, Clone)]
pub(crate) struct FileStatus {
    /// Where it lies.
    pub path: PathBytes,
    /// The encryption that its attributes ask for; `None` if it is not to be encrypted.
    pub encryption: Option<Encryption>,
    /// The form in which Git has it.
    pub staged: Staged,
    /// False for an untracked link or nested repository: Git filters neither, but git-crypt lists them.
    pub is_file: bool,
    /// True if there is nothing in it, and Git has that encrypted.
    pub is_encrypted_empty: bool,
}

/// The form in which Git has a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Staged {
    /// Nothing: it is untracked.
    Nothing,
    /// Ciphertext.
    Encrypted,
    /// Plaintext.
    Plain,
}

/// How repairing one file went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repair {
    /// An encrypted version is staged now.
    Staged,
    /// It is not in the work tree, so there is nothing to encrypt.
    Missing,
    /// It was added, and is plaintext still: its filter is not configured, or another program's.
    StillPlain,
}

impl FileStatus {
    /// True if the attributes ask for encryption and Git has plaintext.
    pub(crate) fn is_leaking(&self) -> bool {
        self.encryption.is_some() && self.staged == Staged::Plain
    }

    /// True if the `diff` attribute does not go with the `filter` attribute.
    pub(crate) fn lacks_diff(&self) -> bool {
        self.encryption
            .as_ref()
            .is_some_and(|encryption| !encryption.diff_set)
    }
}

/// The files of the repository, untracked ones (and what else is untracked) first; with `only`, those among these paths.
pub(crate) fn status(
    repository: &Repository,
    only: Option<&HashSet<PathBytes>>,
) -> Result<Vec<FileStatus>, RepositoryError> {
    let chosen = |path: &PathBytes| only.is_none_or(|only| only.contains(path));
    let mut untracked = repository.work_tree().untracked()?;
    untracked.retain(chosen);
    let mut tracked = repository.index().entries()?;
    tracked.retain(|entry| chosen(&entry.path));
    let tracked_paths = tracked.iter().map(|entry| &entry.path);
    let mut encryptions = repository
        .attributes()
        .encryptions(untracked.iter().chain(tracked_paths))?
        .into_iter();
    let mut files = Vec::with_capacity(encryptions.len());
    for (path, encryption) in untracked.into_iter().zip(encryptions.by_ref()) {
        files.push(FileStatus {
            is_file: repository.work_tree().is_regular_file(&path),
            path,
            encryption,
            staged: Staged::Nothing,
            is_encrypted_empty: false,
        });
    }
    let encryptions: Vec<Option<Encryption>> = encryptions.collect();
    let of_interest = tracked.iter().zip(&encryptions);
    let of_interest = of_interest.filter(|(_, encryption)| encryption.is_some());
    repository
        .objects()
        .fetch_blobs(of_interest.map(|(entry, _)| entry.blob))?;
    for (entry, encryption) in tracked.into_iter().zip(encryptions) {
        let (staged, is_encrypted_empty) = match &encryption {
            // Reading every blob would take as long as the repository is large.
            None => (Staged::Plain, false),
            Some(encryption) => {
                let blob = repository.objects().blob(entry.blob)?;
                staged_form(encryption, blob.content())
            }
        };
        files.push(FileStatus {
            path: entry.path,
            encryption,
            staged,
            is_file: true,
            is_encrypted_empty,
        });
    }
    Ok(files)
}

/// The form in which Git has a file, and whether that is an empty file stored encrypted.
fn staged_form(encryption: &Encryption, blob: &[u8]) -> (Staged, bool) {
    // An empty file may be meant to be stored empty.
    let is_left_empty = encryption.plain_when_empty && blob.is_empty();
    if Header::is_in(blob) || is_left_empty {
        (Staged::Encrypted, blob.len() == Header::LEN)
    } else {
        (Staged::Plain, false)
    }
}

/// Stages an encrypted version of each of these files, which Git has in plaintext.
pub(crate) fn repair<'files>(
    repository: &Repository,
    leaking: &[&'files FileStatus],
) -> Result<Vec<(&'files PathBytes, Repair)>, RepositoryError> {
    // Without its key a filter would let everything through, or fail on all files at once.
    let keys: HashSet<&KeyName> = leaking
        .iter()
        .filter_map(|file| file.encryption.as_ref())
        .map(|encryption| &encryption.key)
        .collect();
    for key in keys {
        repository.keys().load(key)?;
    }
    // A wrapped key that was encrypted would let nobody in.
    let paths = leaking.iter().map(|file| &file.path);
    let wanted: HashSet<&PathBytes> = paths.filter(|path| !path.is_of_collaborators()).collect();
    let there =
        |path: &PathBytes| wanted.contains(path) && repository.work_tree().is_regular_file(path);
    let before = repository.index().entries()?;
    repository.work_tree().stage(
        &before
            .iter()
            .filter(|entry| there(&entry.path))
            .collect::<Vec<_>>(),
    )?;
    let mut encrypted = HashSet::new();
    for entry in repository
        .index()
        .entries()?
        .into_iter()
        .filter(|entry| wanted.contains(&entry.path))
    {
        if repository.objects().is_encrypted(entry.blob)? {
            encrypted.insert(entry.path);
        }
    }
    let outcome = |path: &PathBytes| match (encrypted.contains(path), there(path)) {
        (true, _) => Repair::Staged,
        (false, _) if path.is_of_collaborators() => Repair::StillPlain,
        (false, true) => Repair::StillPlain,
        (false, false) => Repair::Missing,
    };
    Ok(leaking
        .iter()
        .map(|file| (&file.path, outcome(&file.path)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::encrypt;
    use crate::keyring::trust::examples::key;
    use crate::secret::SecretBytes;

    fn encryption(plain_when_empty: bool, diff_set: bool) -> Encryption {
        Encryption {
            key: KeyName::default(),
            diff_set,
            merge_set: true,
            plain_when_empty,
            line_ends_converted: false,
            encoding_converted: false,
        }
    }

    fn encrypted(text: &[u8]) -> Vec<u8> {
        let mut content = SecretBytes::copy_of(text);
        let header = encrypt(&key("default", 1), &mut content).expect("short");
        [&header.to_bytes()[..], content.expose()].concat()
    }

    #[test]
    fn a_file_is_encrypted_by_its_blob_and_an_empty_one_as_its_attributes_say() {
        for (plain_when_empty, blob, expected) in [
            (false, encrypted(b"secret"), (Staged::Encrypted, false)),
            (false, encrypted(b""), (Staged::Encrypted, true)),
            (true, encrypted(b""), (Staged::Encrypted, true)),
            (false, Vec::new(), (Staged::Plain, false)),
            (true, Vec::new(), (Staged::Encrypted, false)),
            (true, b"plain".to_vec(), (Staged::Plain, false)),
        ] {
            let encryption = encryption(plain_when_empty, true);
            assert_eq!(staged_form(&encryption, &blob), expected, "{blob:?}");
        }
    }

    #[test]
    fn a_file_leaks_if_it_is_to_be_encrypted_and_git_has_plaintext() {
        for (is_to_be, staged, leaks) in [
            (true, Staged::Plain, true),
            (true, Staged::Encrypted, false),
            (true, Staged::Nothing, false),
            (false, Staged::Plain, false),
        ] {
            let file = FileStatus {
                path: PathBytes::new("a.key"),
                encryption: is_to_be.then(|| encryption(false, false)),
                staged,
                is_file: true,
                is_encrypted_empty: false,
            };
            assert_eq!(file.is_leaking(), leaks, "{staged:?}");
            assert_eq!(file.lacks_diff(), is_to_be);
        }
    }
}
