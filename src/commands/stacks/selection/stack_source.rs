//! The arguments that choose a stack's files and their revision.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::repository::{CommitId, Repository};
use crate::stack::{
    self, Accepted, PartialStack, Settings, Stack, StackError, StackName, StackQuery,
};

/// The stack files, and the revision to read them from.
#[derive(Args, Default)]
pub(crate) struct StackSource {
    /// Stack file, instead of the one found by convention; several are merged as docker does
    #[arg(short, long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Work from this commit, branch or tag instead of the work tree
    #[arg(long, value_name = "REVISION")]
    pub(crate) rev: Option<String>,
}

/// The options that accept content which is otherwise an error.
#[derive(Args)]
pub(crate) struct AcceptOptions {
    /// Accept secrets that are not encrypted in Git
    #[arg(long)]
    allow_plaintext: bool,
    /// Accept files encrypted with a key that was rotated out, which people who were removed still have
    #[arg(long)]
    allow_retired: bool,
}

impl AcceptOptions {
    /// The kinds of content that are accepted.
    pub(crate) fn accepted(&self) -> Accepted {
        Accepted {
            plaintext: self.allow_plaintext,
            retired_keys: self.allow_retired,
        }
    }
}

impl StackSource {
    /// The settings, at this revision.
    pub(crate) fn settings(&self, repository: &Repository) -> Result<Settings, Failure> {
        Ok(Settings::load(repository, self.rev.as_deref())?)
    }

    /// Reads a stack. Content that is `accepted` does not cause an error.
    pub(crate) fn load<'repository>(
        &self,
        repository: &'repository Repository,
        settings: &Settings,
        name: &StackName,
        accepted: Accepted,
    ) -> Result<Stack<'repository>, StackError> {
        stack::load(repository, settings, &self.query(name, accepted))
    }

    /// Reads a stack without those entries that have a problem, and returns the problems.
    pub(crate) fn load_with_problems<'repository>(
        &self,
        repository: &'repository Repository,
        settings: &Settings,
        name: &StackName,
        accepted: Accepted,
    ) -> Result<(Stack<'repository>, Vec<StackError>), StackError> {
        stack::load_with_problems(repository, settings, &self.query(name, accepted))
    }

    /// Reads as much of a stack as can be read, whatever its content.
    pub(crate) fn load_partially(
        &self,
        repository: &Repository,
        settings: &Settings,
        name: &StackName,
    ) -> Result<PartialStack, StackError> {
        stack::load_partially(
            repository,
            settings,
            &self.query(name, Accepted::EVERYTHING),
        )
    }

    /// This revision, with stack files found by convention.
    pub(crate) fn by_convention(&self) -> Self {
        Self {
            files: Vec::new(),
            rev: self.rev.clone(),
        }
    }

    /// The names of all stacks at this revision.
    pub(crate) fn all_names(
        &self,
        repository: &Repository,
        settings: &Settings,
    ) -> Result<Vec<StackName>, StackError> {
        stack::discover(repository, settings, self.rev.as_deref())
    }

    /// The files at this revision that look like stack files but are not taken for any.
    pub(crate) fn overlooked(
        &self,
        repository: &Repository,
        settings: &Settings,
    ) -> Result<Vec<String>, StackError> {
        stack::overlooked_files(repository, settings, self.rev.as_deref())
    }

    /// The commit of the chosen revision, or else `HEAD`.
    pub(crate) fn commit(&self, repository: &Repository) -> Result<Option<CommitId>, Failure> {
        Ok(match &self.rev {
            Some(revision) => Some(repository.commit(revision)?),
            None => repository.objects().head_commit()?,
        })
    }

    fn query(&self, name: &StackName, accepted: Accepted) -> StackQuery<'static> {
        StackQuery {
            name: name.clone(),
            files: self.files.clone(),
            revision: self.rev.clone(),
            accepted,
            environment: &|name| std::env::var(name).ok(),
        }
    }
}
