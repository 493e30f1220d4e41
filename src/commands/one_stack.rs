//! The arguments that say which one stack is meant, and at which revision.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::{self, Settings, Stack, StackName, StackQuery};

/// One stack, at one revision.
#[derive(Args)]
pub(super) struct OneStack {
    /// The stack's name
    #[arg(value_name = "STACK")]
    stack: String,
    /// Stack file, instead of the one found by convention; several are merged as docker does
    #[arg(short, long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Work from this commit, branch or tag instead of the work tree
    #[arg(long, value_name = "REVISION")]
    rev: Option<String>,
    /// Take secrets that are not encrypted in Git, too
    #[arg(long)]
    allow_plaintext: bool,
}

impl OneStack {
    /// Reads the stack.
    pub(super) fn load<'repository>(
        &self,
        repository: &'repository Repository,
    ) -> Result<Stack<'repository>, Failure> {
        let settings = Settings::load(repository, self.rev.as_deref())?;
        let query = StackQuery {
            name: StackName::parse(&self.stack)?,
            files: self.files.clone(),
            revision: self.rev.clone(),
            allow_plaintext: self.allow_plaintext,
            environment: &|name| std::env::var(name).ok(),
        };
        Ok(stack::load(repository, &settings, &query)?)
    }
}
