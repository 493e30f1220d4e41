//! The files of the repository: in the work tree, or in a commit.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::repository::{BlobId, CommitFolders, CommitId, Repository, RepositoryError, TreeEntry};
use crate::secret::SecretBytes;

/// Maximum number of symbolic links in the resolution of a path, as in Linux. More are taken for a loop.
const MAXIMUM_LINKS: usize = 40;

/// Why a path does not lead to a usable file.
#[derive(Debug, Error)]
pub enum TreeError {
    /// The path leads out of the repository.
    #[error("{path} leaves the repository")]
    Outside { path: String },
    /// The path begins with `~`: it is in the home folder of the user.
    #[error("{path} is a file in the home folder of whoever deploys, and not in the repository")]
    AtHome {
        /// The path, which begins with `~`.
        path: String,
    },
    /// The path leads into a submodule.
    #[error("{path} lies in the submodule {submodule}, whose files this repository does not hold")]
    InSubmodule {
        path: String,
        /// The path of the submodule.
        submodule: String,
    },
    /// The path leads through symbolic links that form a loop.
    #[error("{path} leads through too many symbolic links")]
    LinkLoop { path: String },
    /// The path leads to a folder, a device or another special file.
    #[error("{path} is no regular file")]
    NotAFile { path: String },
    /// The file could not be read in the work tree.
    #[error("reading {path} failed: {source}")]
    Read { path: String, source: io::Error },
    /// The file could not be read in a commit.
    #[error("{path}: {source}")]
    Blob {
        path: String,
        source: RepositoryError,
    },
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The work tree, or the tree of a commit.
pub(crate) struct Tree<'repository> {
    pub(crate) repository: &'repository Repository,
    place: Place,
    /// Folders that were found on the way to files, and are not symbolic links.
    known_folders: RefCell<HashSet<String>>,
}

enum Place {
    WorkTree(PathBuf),
    Commit(CommitFolders),
}

/// An existing file, with symbolic links in its path resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundFile {
    pub(crate) path: String,
    /// Its blob in a commit. `None` in the work tree.
    pub(crate) blob: Option<BlobId>,
    /// Its length in bytes in the work tree at the time it was found. `None` in a commit.
    length: Option<u64>,
}

/// The kind of file at a path. The folders in the path must be known not to be symbolic links.
enum Kind {
    Missing,
    File {
        blob: Option<BlobId>,
        length: Option<u64>,
    },
    Directory,
    Link(String),
    Submodule,
    Other,
}

impl<'repository> Tree<'repository> {
    /// The tree of `revision`. Without a revision, the work tree, or the checked-out commit of a bare repository.
    pub(crate) fn open(
        repository: &'repository Repository,
        revision: Option<&str>,
    ) -> Result<Self, RepositoryError> {
        let place = match (revision, repository.work_tree().top()) {
            (None, Some(top)) => Place::WorkTree(top.to_owned()),
            (revision, _) => {
                let commit = repository.commit(revision.unwrap_or("HEAD"))?;
                Place::Commit(CommitFolders::new(repository.objects(), commit)?)
            }
        };
        Ok(Self {
            repository,
            place,
            known_folders: RefCell::default(),
        })
    }

    /// The commit. `None` for the work tree.
    pub(crate) fn commit(&self) -> Option<CommitId> {
        match &self.place {
            Place::Commit(folders) => Some(folders.commit()),
            Place::WorkTree(_) => None,
        }
    }

    /// Resolves `path` (from the top, `/` between its parts), symbolic links included, to a regular file.
    pub(crate) fn find(&self, path: &str) -> Result<Option<FoundFile>, TreeError> {
        let whole = || path.to_owned();
        let mut waiting: Vec<String> = parts(path);
        let mut here: Vec<String> = Vec::new();
        let mut links = 0;
        if path == "/~" || path.starts_with("/~/") {
            let path = path[1..].to_owned();
            return Err(TreeError::AtHome { path });
        }
        if path.starts_with('/') {
            return Err(TreeError::Outside { path: whole() });
        }
        while let Some(part) = waiting.pop() {
            match part.as_str() {
                "." => continue,
                ".." if here.pop().is_some() => continue,
                ".." | ".git" => return Err(TreeError::Outside { path: whole() }),
                _ => here.push(part),
            }
            let so_far = here.join("/");
            if !waiting.is_empty() && self.known_folders.borrow().contains(&so_far) {
                continue;
            }
            match self.kind(&so_far)? {
                Kind::Missing => return Ok(None),
                Kind::Directory => drop(self.known_folders.borrow_mut().insert(so_far)),
                Kind::File { blob, length } if waiting.is_empty() => {
                    return Ok(Some(FoundFile {
                        path: so_far,
                        blob,
                        length,
                    }));
                }
                // A file is where a folder is needed.
                Kind::File { .. } => return Ok(None),
                Kind::Link(target) => {
                    links += 1;
                    if links > MAXIMUM_LINKS {
                        return Err(TreeError::LinkLoop { path: whole() });
                    }
                    if target.starts_with('/') {
                        return Err(TreeError::Outside { path: whole() });
                    }
                    here.pop();
                    waiting.extend(parts(&target));
                }
                Kind::Submodule => {
                    return Err(TreeError::InSubmodule {
                        path: whole(),
                        submodule: so_far,
                    });
                }
                Kind::Other => return Err(TreeError::NotAFile { path: whole() }),
            }
        }
        Err(TreeError::NotAFile { path: whole() })
    }

    /// The names in a folder, sorted. Empty if there is no such folder.
    pub(crate) fn names(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let mut names = match &self.place {
            Place::Commit(folders) => self
                .repository
                .objects()
                .tree_names(folders.commit(), directory)?,
            Place::WorkTree(top) => {
                let Ok(entries) = fs::read_dir(top.join(directory)) else {
                    return Ok(Vec::new());
                };
                entries
                    .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                    .collect()
            }
        };
        names.sort();
        Ok(names)
    }

    /// The length of a file in bytes, encrypted or not.
    pub(crate) fn len(&self, found: &FoundFile) -> Result<u64, TreeError> {
        match found.blob {
            Some(blob) => self
                .repository
                .objects()
                .blob_len(blob)
                .map_err(in_blob(&found.path)),
            None => Ok(found.length.unwrap_or_default()),
        }
    }

    /// The bytes of a file, encrypted or not.
    pub(crate) fn read(&self, found: &FoundFile) -> Result<SecretBytes, TreeError> {
        match found.blob {
            Some(blob) => {
                let blob = self
                    .repository
                    .objects()
                    .blob(blob)
                    .map_err(in_blob(&found.path))?;
                Ok(SecretBytes::copy_of(blob.content()))
            }
            None => File::open(self.on_disk(found)?)
                .and_then(|mut file| {
                    SecretBytes::read_expecting(&mut file, found.length.unwrap_or_default())
                })
                .map_err(reading(&found.path)),
        }
    }

    fn on_disk(&self, found: &FoundFile) -> Result<PathBuf, RepositoryError> {
        let top = self.repository.work_tree().require("reading a file")?;
        Ok(top.join(&found.path))
    }

    fn kind(&self, path: &str) -> Result<Kind, TreeError> {
        match &self.place {
            Place::Commit(folders) => match folders.entry(self.repository.objects(), path)? {
                None => Ok(Kind::Missing),
                Some(TreeEntry::File(blob)) => Ok(Kind::File {
                    blob: Some(blob),
                    length: None,
                }),
                Some(TreeEntry::Directory) => Ok(Kind::Directory),
                Some(TreeEntry::Submodule) => Ok(Kind::Submodule),
                Some(TreeEntry::Symlink(blob)) => {
                    let target = self.repository.objects().blob(blob)?;
                    Ok(Kind::Link(
                        String::from_utf8_lossy(target.content()).into_owned(),
                    ))
                }
            },
            Place::WorkTree(top) => kind_on_disk(top, path),
        }
    }
}

fn kind_on_disk(top: &Path, path: &str) -> Result<Kind, TreeError> {
    let full = top.join(path);
    let metadata = match fs::symlink_metadata(&full) {
        Ok(metadata) => metadata,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(Kind::Missing);
        }
        Err(error) => return Err(reading(path)(error)),
    };
    if metadata.is_symlink() {
        let target = fs::read_link(&full).map_err(reading(path))?;
        // Makes an absolute target within the work tree relative.
        return Ok(Kind::Link(match target.strip_prefix(top) {
            Ok(inside) => format!(
                "{}{}",
                "../".repeat(parts(path).len() - 1),
                inside.display()
            ),
            Err(_) => target.display().to_string(),
        }));
    }
    Ok(match metadata {
        _ if metadata.is_dir() && full.join(".git").exists() => Kind::Submodule,
        _ if metadata.is_dir() => Kind::Directory,
        _ if metadata.is_file() => Kind::File {
            blob: None,
            length: Some(metadata.len()),
        },
        _ => Kind::Other,
    })
}

/// The parts of a path, the last one first.
fn parts(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.rev().map(str::to_owned).collect()
}

fn in_blob(path: &str) -> impl FnOnce(RepositoryError) -> TreeError {
    let path = path.to_owned();
    move |source| TreeError::Blob { path, source }
}

fn reading(path: &str) -> impl FnOnce(io::Error) -> TreeError {
    let path = path.to_owned();
    move |source| TreeError::Read { path, source }
}
