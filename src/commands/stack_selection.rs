//! The arguments that say which stacks are meant, and at which revision.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::repository::{History, Repository};
use crate::stack::{self, DesiredStack, Settings, Stack, StackName, StackQuery};

/// Which stacks, at which revision.
#[derive(Args)]
pub(super) struct StackSelection {
    /// Names of stacks, instead of all that are found in the repository
    #[arg(value_name = "STACK")]
    stacks: Vec<String>,
    /// Stack file, instead of the one found by convention; several are merged as docker does
    #[arg(short, long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Work from this commit, branch or tag instead of the work tree
    #[arg(long, value_name = "REVISION")]
    rev: Option<String>,
}

/// The stacks of a repository, read at one revision.
pub(super) struct SelectedStacks<'repository> {
    pub(super) settings: Settings,
    pub(super) stacks: Vec<Stack<'repository>>,
}

impl StackSelection {
    /// One stack at one commit.
    pub(super) fn at(stack: &StackName, files: Vec<PathBuf>, revision: String) -> Self {
        Self {
            stacks: vec![stack.to_string()],
            files,
            rev: Some(revision),
        }
    }

    /// Reads the stacks. With `allow_plaintext`, a secret that is not encrypted in Git is no error.
    pub(super) fn load<'repository>(
        &self,
        repository: &'repository Repository,
        allow_plaintext: bool,
    ) -> Result<SelectedStacks<'repository>, Failure> {
        let revision = self.rev.as_deref();
        let settings = Settings::load(repository, revision)?;
        let environment = |name: &str| std::env::var(name).ok();
        let stacks = self.names(repository, &settings)?.into_iter();
        let stacks = stacks.map(|name| {
            let query = StackQuery {
                name,
                files: self.files.clone(),
                revision: self.rev.clone(),
                allow_plaintext,
                environment: &environment,
            };
            Ok(stack::load(repository, &settings, &query)?)
        });
        let stacks = stacks.collect::<Result<_, Failure>>()?;
        Ok(SelectedStacks { settings, stacks })
    }

    /// The history that ends with the revision in hand.
    pub(super) fn history<'repository>(
        &self,
        repository: &'repository Repository,
    ) -> Result<History<'repository>, Failure> {
        let tip = match &self.rev {
            Some(revision) => Some(repository.commit(revision)?),
            None => repository.head_commit()?,
        };
        Ok(repository.history(tip))
    }

    fn names(
        &self,
        repository: &Repository,
        settings: &Settings,
    ) -> Result<Vec<StackName>, Failure> {
        if !self.files.is_empty() && self.stacks.len() != 1 {
            return Err(Failure::usage("`--file` needs the name of one stack")
                .hint("`STACK --file FILE` says which stack the file describes"));
        }
        if self.stacks.is_empty() {
            return Ok(stack::discover(repository, settings, self.rev.as_deref())?);
        }
        let mut names = Vec::new();
        for name in &self.stacks {
            let name = StackName::parse(name)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

impl SelectedStacks<'_> {
    pub(super) fn desired(&self) -> Vec<&DesiredStack> {
        self.stacks.iter().map(Stack::desired).collect()
    }
}
