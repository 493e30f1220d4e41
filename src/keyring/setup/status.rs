//! Which files are encrypted, and which should be but are not.

use std::collections::HashSet;

use crate::format::{Header, KeyName};
use crate::repository::{Encryption, PathBytes, Repository, RepositoryError};

/// The state of one file.
#[derive(Debug, Clone)]
pub(crate) struct FileStatus {
    pub path: PathBytes,
    /// The encryption that its attributes specify; `None` if it is not to be encrypted.
    pub encryption: Option<Encryption>,
    /// How the index has it.
    pub staged: Staged,
    /// False for an untracked symbolic link or nested repository. Git filters neither, but git-crypt lists them.
    pub is_file: bool,
    /// True if the file is empty, and the index has it encrypted.
    pub is_encrypted_empty: bool,
}

/// How the index has a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Staged {
    /// Not at all: the file is untracked.
    Nothing,
    /// As ciphertext.
    Encrypted,
    /// As plaintext.
    Plain,
}

/// The result of repairing one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repair {
    /// An encrypted version is staged now.
    Staged,
    /// The file is not in the work tree, so it can't be encrypted.
    Missing,
    /// It was added, but is still plaintext: its filter is not configured, or belongs to another program.
    StillPlain,
}

impl FileStatus {
    /// True if the file is to be encrypted, but the index has it in plaintext.
    pub(crate) fn is_leaking(&self) -> bool {
        self.encryption.is_some() && self.staged == Staged::Plain
    }

    /// True if the `diff` attribute does not name the same driver as the `filter` attribute.
    pub(crate) fn lacks_diff(&self) -> bool {
        self.encryption
            .as_ref()
            .is_some_and(|encryption| !encryption.diff_set)
    }
}

/// The state of the files in the repository, untracked ones first. With `only`, just those among these paths.
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
            // The file is not to be encrypted. Reading every blob to make sure would take too long in a large repository.
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

/// How the index has a file with this blob, and whether the file is empty and stored encrypted.
fn staged_form(encryption: &Encryption, blob: &[u8]) -> (Staged, bool) {
    // With `plain-when-empty`, an empty blob is correct.
    let is_left_empty = encryption.plain_when_empty && blob.is_empty();
    if Header::is_in(blob) || is_left_empty {
        (Staged::Encrypted, blob.len() == Header::LEN)
    } else {
        (Staged::Plain, false)
    }
}

/// Stages an encrypted version of each of these files, which the index has in plaintext.
pub(crate) fn repair<'files>(
    repository: &Repository,
    leaking: &[&'files FileStatus],
) -> Result<Vec<(&'files PathBytes, Repair)>, RepositoryError> {
    // Make sure of the keys first: without its key, the filter could let plaintext through, or fail on all files.
    let keys: HashSet<&KeyName> = leaking
        .iter()
        .filter_map(|file| file.encryption.as_ref())
        .map(|encryption| &encryption.key)
        .collect();
    for key in keys {
        repository.keys().load(key)?;
    }
    // Never encrypt a wrapped key: nobody could open it.
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
    use crate::format::examples::key;
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
