//! Finding the repository, opening it, and its views.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use git2::RepositoryOpenFlags;

use super::discovery::{Discovered, Search, discovered};
use super::libgit2::{opened, opened_from_environment};
use crate::repository::attributes::reader::AttributeReader;
use crate::repository::attributes::view::Attributes;
use crate::repository::commits::ancestry::History;
use crate::repository::commits::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::git::configuration::Configuration;
use crate::repository::git::failed_fetch::FailedFetch;
use crate::repository::git::program::GitCommand;
use crate::repository::index::file::{Index, IndexMemory};
use crate::repository::objects::blobs::Objects;
use crate::repository::objects::revision::CommitId;
use crate::repository::shared_files::reading::SharedFiles;
use crate::repository::store::key_store::KeyStore;
use crate::repository::work_tree::top::WorkTree;

/// A repository opened for reading.
pub struct Repository {
    pub(in crate::repository) git: git2::Repository,
    /// Asks Git for attributes. Started on first use.
    pub(in crate::repository) attribute_reader: RefCell<Option<AttributeReader>>,
    index: IndexMemory,
    /// Environment variables that programs started for this repository must not see.
    pub(in crate::repository) hidden_variables: Vec<OsString>,
    /// Shared by all repositories that were opened from one.
    failed_fetch: Arc<FailedFetch>,
}

impl Repository {
    /// Opens the repository that `git` would use, if Git trusts it: the one that `GIT_DIR` and related variables name,
    /// or else the one around the current directory. Programs started for it do not see the environment variables
    /// `hidden`.
    pub(crate) fn of_environment(hidden: Vec<OsString>) -> Result<Self, RepositoryError> {
        let search = Search::Environment { hidden: &hidden };
        let found = discovered(search)?;
        let mut repository = Self::found(found, RepositoryOpenFlags::FROM_ENV)?;
        repository.hidden_variables = hidden;
        Ok(repository)
    }

    /// Opens the repository in which Git has started this program. Git has already checked that it can be trusted.
    pub(crate) fn of_calling_git() -> Result<Self, RepositoryError> {
        let here = Path::new(".");
        let git = opened_from_environment().map_err(|error| not_opened(here, error))?;
        if let Some(work_tree) = std::env::var_os("GIT_WORK_TREE") {
            // libgit2 would follow `core.bare` instead, and take a relative path as relative to the Git directory.
            git.set_workdir(Path::new(&work_tree), false)
                .map_err(|error| not_opened(here, error))?;
        }
        Ok(Self::reading(git))
    }

    /// Opens the repository around `start`, whatever the environment says, if Git trusts it.
    pub fn open(start: &Path) -> Result<Self, RepositoryError> {
        let found = discovered(Search::Directory(start))?;
        Self::found(found, RepositoryOpenFlags::empty())
    }

    fn found(found: Discovered, flags: RepositoryOpenFlags) -> Result<Self, RepositoryError> {
        let exactly = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT;
        let failed = |error| not_opened(&found.git_dir, error);
        let git = opened(&found.git_dir, exactly | flags).map_err(failed)?;
        if let Some(work_tree) = &found.work_tree {
            git.set_workdir(work_tree, false).map_err(failed)?;
        }
        Ok(Self::reading(git))
    }

    pub(super) fn reading(git: git2::Repository) -> Self {
        Self {
            git,
            attribute_reader: RefCell::default(),
            index: IndexMemory::default(),
            hidden_variables: Vec::new(),
            failed_fetch: Arc::default(),
        }
    }

    /// A new repository in an empty folder.
    #[cfg(test)]
    pub(crate) fn empty(folder: &Path) -> Self {
        git2::Repository::init(folder).expect("because the folder is empty");
        Self::open(folder).expect("because it was just made")
    }

    /// Opens the repository a second time, for another thread.
    pub(crate) fn reopen(&self) -> Result<Self, RepositoryError> {
        self.like_this(self.git.path(), self.git.workdir())
    }

    /// Opens this repository, or another work tree of it, at another place. The place is trusted, since this repository is.
    pub(super) fn like_this(
        &self,
        place: &Path,
        work_tree: Option<&Path>,
    ) -> Result<Self, RepositoryError> {
        let failed = |error| not_opened(place, error);
        let git = opened(place, RepositoryOpenFlags::NO_SEARCH).map_err(failed)?;
        if let Some(work_tree) = work_tree {
            git.set_workdir(work_tree, false).map_err(failed)?;
        }
        let mut other = Self::reading(git);
        other.hidden_variables.clone_from(&self.hidden_variables);
        other.failed_fetch = Arc::clone(&self.failed_fetch);
        Ok(other)
    }

    /// The Git directory of this work tree: `.git`, or `.git/worktrees/NAME` of a linked work tree.
    pub fn git_dir(&self) -> &Path {
        self.git.path()
    }

    /// The Git directory that all work trees share.
    pub fn common_dir(&self) -> &Path {
        self.git.commondir()
    }

    /// The keys, and everything else in `git-crypt/` and `hs-secrets/` of the Git directory.
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

    /// Blobs, trees, and commits by their names.
    pub(crate) fn objects(&self) -> Objects<'_> {
        Objects {
            git: &self.git,
            program: self.program(),
        }
    }

    pub(crate) fn index(&self) -> Index<'_> {
        Index {
            git: &self.git,
            program: self.program(),
            memory: &self.index,
        }
    }

    pub(crate) fn work_tree(&self) -> WorkTree<'_> {
        WorkTree {
            program: self.program(),
            objects: self.objects(),
            index: self.index(),
            attributes: self.attributes(),
        }
    }

    /// The files that are committed for everybody, such as wrapped keys.
    pub(crate) fn shared_files(&self) -> SharedFiles<'_> {
        SharedFiles {
            program: self.program(),
            objects: self.objects(),
        }
    }

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

    /// The history of `tip`.
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
            failed_fetch: &self.failed_fetch,
        }
    }
}

fn not_opened(place: &Path, error: git2::Error) -> RepositoryError {
    if error.code() == git2::ErrorCode::NotFound {
        return RepositoryError::NotFound {
            start: place.to_owned(),
        };
    }
    RepositoryError::git(format!("opening the repository at {}", place.display()))(error)
}
