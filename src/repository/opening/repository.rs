//! Finding the repository and opening it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;

use crate::repository::attributes::encryption::Attributes;
use crate::repository::attributes::reader::AttributeReader;
use crate::repository::commits::ancestry::History;
use crate::repository::commits::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::git::configuration::Configuration;
use crate::repository::git::program::GitCommand;
use crate::repository::index::entries::Index;
use crate::repository::index::file::IndexMemory;
use crate::repository::objects::blobs::Objects;
use crate::repository::objects::revision::CommitId;
use crate::repository::shared_files::reading::SharedFiles;
use crate::repository::store::key_store::KeyStore;
use crate::repository::work_tree::top::WorkTree;

/// A repository opened for reading.
pub struct Repository {
    pub(in crate::repository) git: git2::Repository,
    /// Asks Git for attributes; started when it is first needed.
    pub(in crate::repository) attribute_reader: RefCell<Option<AttributeReader>>,
    index: IndexMemory,
    /// Variables that no program run for this repository is to see.
    pub(in crate::repository) hidden_variables: Vec<OsString>,
}

impl Repository {
    /// Opens the repository that `git` would work on: the one that `GIT_DIR` and related variables name, or else the one
    /// around the current directory.
    pub fn of_environment() -> Result<Self, RepositoryError> {
        let repository = Self::opened(git2::Repository::open_from_env(), Path::new("."))?;
        if let Some(work_tree) = std::env::var_os("GIT_WORK_TREE") {
            // libgit2 would follow `core.bare` instead, and take a relative path from the Git directory.
            let setting = || RepositoryError::git("using the work tree that GIT_WORK_TREE names");
            let set = repository.git.set_workdir(Path::new(&work_tree), false);
            set.map_err(setting())?;
        }
        Ok(repository)
    }

    /// Opens the repository around `start`, whatever the environment says.
    pub fn open(start: &Path) -> Result<Self, RepositoryError> {
        let no_ceilings: [&Path; 0] = [];
        let flags = git2::RepositoryOpenFlags::empty();
        Self::opened(git2::Repository::open_ext(start, flags, no_ceilings), start)
    }

    fn opened(
        opened: Result<git2::Repository, git2::Error>,
        start: &Path,
    ) -> Result<Self, RepositoryError> {
        match opened {
            Ok(git) => Ok(Self::reading(git)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => {
                Err(RepositoryError::NotFound {
                    start: start.to_owned(),
                })
            }
            Err(source) => Err(RepositoryError::Git {
                doing: format!("opening the repository at {}", start.display()),
                source,
            }),
        }
    }

    pub(in crate::repository) fn reading(git: git2::Repository) -> Self {
        Self {
            git,
            attribute_reader: RefCell::default(),
            index: IndexMemory::default(),
            hidden_variables: Vec::new(),
        }
    }

    /// A new repository in an empty folder.
    #[cfg(test)]
    pub(crate) fn empty(folder: &Path) -> Self {
        git2::Repository::init(folder).expect("because the folder is empty");
        Self::open(folder).expect("because it was just made")
    }

    /// Keeps a variable that holds a key out of the environment of every `git` that is run here.
    pub fn hide_from_programs(&mut self, variable: OsString) {
        self.hidden_variables.push(variable);
    }

    /// Opens the repository a second time, for another thread.
    pub fn reopen(&self) -> Result<Self, RepositoryError> {
        let doing = || RepositoryError::git("opening the repository once more");
        let mut other = Self::reading(self.second_handle().map_err(doing())?);
        other.hidden_variables.clone_from(&self.hidden_variables);
        Ok(other)
    }

    /// Opens libgit2's repository a second time, with the work tree of the first.
    pub(in crate::repository) fn second_handle(&self) -> Result<git2::Repository, git2::Error> {
        let other = git2::Repository::open(self.git.path())?;
        if let Some(work_tree) = self.git.workdir() {
            other.set_workdir(work_tree, false)?;
        }
        Ok(other)
    }

    /// The directory of this work tree's own Git files: `.git`, or `.git/worktrees/NAME` of a linked work tree.
    pub fn git_dir(&self) -> &Path {
        self.git.path()
    }

    /// The directory that all work trees share.
    pub fn common_dir(&self) -> &Path {
        self.git.commondir()
    }

    /// The keys of the repository, and what else `git-crypt/` and `hs-secrets/` in its Git directory hold.
    pub(crate) fn keys(&self) -> KeyStore<'_> {
        KeyStore::new(self.git_dir(), self.common_dir())
    }

    /// The attributes of paths.
    pub(crate) fn attributes(&self) -> Attributes<'_> {
        Attributes {
            git: &self.git,
            program: self.program(),
            reader: &self.attribute_reader,
        }
    }

    /// The objects: blobs, trees, and commits by their names.
    pub(crate) fn objects(&self) -> Objects<'_> {
        Objects {
            git: &self.git,
            program: self.program(),
        }
    }

    /// The index.
    pub(crate) fn index(&self) -> Index<'_> {
        Index {
            git: &self.git,
            program: self.program(),
            memory: &self.index,
        }
    }

    /// The work tree.
    pub(crate) fn work_tree(&self) -> WorkTree<'_> {
        WorkTree {
            program: self.program(),
            objects: self.objects(),
            index: self.index(),
            attributes: self.attributes(),
        }
    }

    /// The files that are committed for everybody to have.
    pub(crate) fn shared_files(&self) -> SharedFiles<'_> {
        SharedFiles {
            program: self.program(),
            objects: self.objects(),
        }
    }

    /// The commits.
    pub(crate) fn commits(&self) -> Commits<'_> {
        Commits {
            git: &self.git,
            program: self.program(),
        }
    }

    /// The commit that `revision` names, as `git rev-parse` reads it.
    pub fn commit(&self, revision: &str) -> Result<CommitId, RepositoryError> {
        self.objects().commit(revision)
    }

    /// The history that ends with `tip`.
    pub fn history(&self, tip: Option<CommitId>) -> History<'_> {
        History {
            objects: self.objects(),
            tip,
        }
    }

    /// The settings of Git.
    pub(crate) fn configuration(&self) -> Configuration<'_> {
        Configuration {
            git: &self.git,
            program: self.program(),
        }
    }

    fn program(&self) -> GitCommand<'_> {
        GitCommand {
            git_dir: self.git_dir(),
            work_tree: self.git.workdir(),
            hidden_variables: &self.hidden_variables,
        }
    }
}
