//! The committed files that give keys to people: each version of each key, wrapped for each of them.
//!
//! `.git-crypt/keys/<key>/<version>/<fingerprint>.gpg` is git-crypt's path for GPG. git-crypt ignores the files that
//! are beside it for an age or SSH key: `<id>.age` is the wrapped key, and `<id>.pub` has the public key and the
//! owner's name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::age::AgeError;
use super::gpg::GpgError;
use super::holder::Holder;
use crate::format::KeyName;
use crate::keyring::abridged_names::abridged_names;
use crate::repository::{CommitId, PathBytes, Repository, RepositoryError, SharedFile};

/// The attributes of the directory: no file in it goes through a filter.
const ATTRIBUTES: &str = "\
# Written by hs-secrets; leave it as it is. Which files are to be encrypted is said in a .gitattributes
# file outside of this directory.
* !filter !diff
*.gpg binary
";

/// One version of a key, wrapped for one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrappedKey {
    pub key: KeyName,
    /// The version of the key in the file.
    pub version: u32,
    pub holder: Holder,
    pub file: SharedFile,
    /// The file beside it with the public key and name of an age or SSH user.
    pub(crate) beside: Option<SharedFile>,
}

/// Why a key could not be given to collaborators, or taken from them.
#[derive(Debug, Error)]
pub(crate) enum CollaboratorError {
    /// GPG could not be run, or failed. Nothing was changed.
    #[error(transparent)]
    Gpg(#[from] GpgError),
    /// The key could not be sealed with age. Nothing was changed.
    #[error(transparent)]
    Age(#[from] AgeError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// No holder of the key has this name.
    #[error("`{user}` is no collaborator{}", of_key(key.as_ref()))]
    NotACollaborator {
        user: String,
        /// The key, if only one key was meant.
        key: Option<KeyName>,
    },
    /// Several holders of the key fit the name.
    #[error("more than one collaborator fits `{user}`: {}", abridged_names(names))]
    Ambiguous {
        user: String,
        /// The collaborators that fit.
        names: Vec<String>,
    },
    /// Only a part of a name was given, and there is no terminal to ask for confirmation.
    #[error("`{user}` is only a part of {name}")]
    OnlyPart {
        /// The text given.
        user: String,
        /// The whole name.
        name: String,
    },
    /// The change is staged, but could not be committed.
    #[error("committing failed, the change is staged: {source}")]
    NotCommitted { source: RepositoryError },
}

/// The directory with these files.
#[derive(Debug)]
pub(crate) struct Collaborators {
    /// Relative to the top of the work tree.
    directory: PathBuf,
}

impl Collaborators {
    /// The directory that the setting `git-crypt.repoStateDir` names, or else `.git-crypt`.
    pub(crate) fn of(repository: &Repository) -> Result<Self, RepositoryError> {
        let directory = repository
            .configuration()
            .path("git-crypt.repoStateDir")?
            .filter(|directory| !directory.as_os_str().is_empty())
            .unwrap_or_else(|| PathBuf::from(".git-crypt"));
        // Remove `.` and double slashes, which paths in Git's trees do not have.
        let parts = directory
            .components()
            .filter(|part| part.as_os_str() != ".");
        Ok(Self {
            directory: parts.collect(),
        })
    }

    /// The directory, relative to the top of the work tree.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// All wrapped keys in the work tree.
    pub(crate) fn wrapped_keys(
        &self,
        repository: &Repository,
    ) -> Result<Vec<WrappedKey>, RepositoryError> {
        Ok(self.among(&repository.shared_files().list(&self.keys())?))
    }

    /// All wrapped keys in `commit`, or in the last commit.
    pub(crate) fn committed_keys(
        &self,
        repository: &Repository,
        commit: Option<CommitId>,
    ) -> Result<Vec<WrappedKey>, RepositoryError> {
        Ok(self.among(&repository.shared_files().committed(commit, &self.keys())?))
    }

    fn among(&self, files: &[SharedFile]) -> Vec<WrappedKey> {
        let (keys, by_path) = (self.keys(), files.iter().map(|file| (&file.path, file)));
        let by_path: HashMap<&PathBytes, &SharedFile> = by_path.collect();
        let wrapped = files
            .iter()
            .filter_map(|file| wrapped_key(&keys, file, &by_path));
        wrapped.collect()
    }

    /// True for a path in the directory.
    pub(crate) fn has(&self, path: &PathBytes) -> bool {
        path.to_path().starts_with(&self.directory)
    }

    fn keys(&self) -> PathBuf {
        self.directory.join("keys")
    }

    /// Writes and stages these files, and the attributes of the directory if they are missing. Returns all paths that
    /// must be committed.
    pub(crate) fn stage(
        &self,
        repository: &Repository,
        files: Vec<(PathBytes, Vec<u8>)>,
    ) -> Result<Vec<PathBytes>, RepositoryError> {
        let attributes = PathBytes::of_path(&self.attributes());
        repository.work_tree().require("adding collaborators")?;
        self.require_writable(repository, &files)?;
        if self.has_attributes(repository) {
            self.require_unfiltered(repository, files.iter().map(|(path, _)| path))?;
        } else {
            repository
                .shared_files()
                .write(&attributes, ATTRIBUTES.as_bytes())?;
        }
        let mut paths = vec![attributes];
        for (path, content) in &files {
            repository.shared_files().write(path, content)?;
            paths.push(path.clone());
        }
        repository.shared_files().stage(&paths)?;
        for (path, content) in &files {
            // Attributes from outside of the directory may have changed the content.
            let staged = repository.index().staged_blob(path)?;
            if !staged.is_some_and(|blob| blob.is_of(content)) {
                return Err(filtered(path));
            }
        }
        self.sweep(repository)?;
        Ok(paths)
    }

    fn has_attributes(&self, repository: &Repository) -> bool {
        let top = repository.work_tree().top();
        let metadata = top.map(|top| top.join(self.attributes()).symlink_metadata());
        metadata.is_some_and(|there| there.is_ok_and(|there| there.is_file()))
    }

    /// Refuses attributes that would encrypt the wrapped keys: nobody could open them without already having the key.
    /// Anybody who can push can write such attributes.
    pub(crate) fn require_unfiltered<'path>(
        &self,
        repository: &Repository,
        paths: impl IntoIterator<Item = &'path PathBytes>,
    ) -> Result<(), RepositoryError> {
        // If the directory has no attributes of its own, `stage` writes them first.
        if !self.has_attributes(repository) {
            return Ok(());
        }
        let paths: Vec<&PathBytes> = paths.into_iter().collect();
        let asked = repository.attributes().encryptions(paths.iter().copied())?;
        match paths
            .into_iter()
            .zip(asked)
            .find(|(_, asked)| asked.is_some())
        {
            Some((path, _)) => Err(filtered(path)),
            None => Ok(()),
        }
    }

    /// An error if one of these files or the attributes can't be written, because something else is at the path.
    pub(crate) fn require_writable(
        &self,
        repository: &Repository,
        files: &[(PathBytes, Vec<u8>)],
    ) -> Result<(), RepositoryError> {
        let attributes = PathBytes::of_path(&self.attributes());
        for path in files.iter().map(|(path, _)| path).chain([&attributes]) {
            repository.shared_files().require_writable(path)?;
        }
        Ok(())
    }

    /// Removes temporary files in the directory, which a killed process has left.
    pub(crate) fn sweep(&self, repository: &Repository) -> Result<(), RepositoryError> {
        repository.shared_files().sweep(&self.directory)
    }

    /// The file with the attributes of the directory.
    pub(crate) fn attributes(&self) -> PathBuf {
        self.directory.join(".gitattributes")
    }

    /// The directory with all wrapped files of `key`, relative to the top of the work tree.
    pub(crate) fn directory_of(&self, key: &KeyName) -> PathBuf {
        self.keys().join(key.file_name())
    }

    /// The path of a version of `key` that is wrapped for `holder`.
    pub(crate) fn path_of(&self, key: &KeyName, version: u32, holder: &Holder) -> PathBytes {
        self.path(key, version, &holder.file_name())
    }

    /// The path of the file beside it, with the public key and name of the owner. `None` for GPG, whose keyring knows this.
    pub(crate) fn path_beside(
        &self,
        key: &KeyName,
        version: u32,
        holder: &Holder,
    ) -> Option<PathBytes> {
        let name = holder.file_name_beside()?;
        Some(self.path(key, version, &name))
    }

    fn path(&self, key: &KeyName, version: u32, file_name: &str) -> PathBytes {
        let path = self.keys().join(key.file_name());
        PathBytes::of_path(&path.join(version.to_string()).join(file_name))
    }
}

impl WrappedKey {
    /// True if it is wrapped for a GPG key.
    pub(crate) fn is_for_gpg(&self) -> bool {
        self.holder.is_by_gpg()
    }

    /// The paths of its files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = PathBytes> {
        let files = std::iter::once(&self.file).chain(&self.beside);
        files.map(|file| file.path.clone())
    }
}

fn filtered(path: &PathBytes) -> RepositoryError {
    RepositoryError::FilteredKey {
        path: path.to_path().to_owned(),
    }
}

fn of_key(key: Option<&KeyName>) -> String {
    key.map_or_else(String::new, |key| format!(" of the key `{key}`"))
}

/// Parses a path below `keys`; `None` for other files.
fn wrapped_key(
    keys: &Path,
    file: &SharedFile,
    by_path: &HashMap<&PathBytes, &SharedFile>,
) -> Option<WrappedKey> {
    let path = file.path.to_path();
    let parts: Vec<&str> = path
        .strip_prefix(keys)
        .ok()?
        .iter()
        .map(|part| part.to_str())
        .collect::<Option<_>>()?;
    let [key, version, name] = parts.as_slice() else {
        return None;
    };
    let holder = Holder::of_file_name(name)?;
    let key = KeyName::of_file_name(key)?;
    let number: u32 = version.parse().ok()?;
    let version = (number.to_string() == *version).then_some(number)?;
    let beside = PathBytes::of_path(&path.with_extension("pub"));
    let beside = by_path.get(&beside).copied().cloned();
    Some(WrappedKey {
        key,
        version,
        beside: beside.filter(|_| holder.is_by_age()),
        holder,
        file: file.clone(),
    })
}
