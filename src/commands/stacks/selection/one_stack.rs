//! The arguments that choose one stack and a revision.

use clap::Args;

use super::stack_source::{AcceptOptions, StackSource};
use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::{RenderedFile, Stack, StackError, StackName};

/// One stack, at one revision.
#[derive(Args)]
pub(crate) struct OneStack {
    /// The stack's name
    #[arg(value_name = "STACK")]
    stack: String,
    #[command(flatten)]
    source: StackSource,
    #[command(flatten)]
    accept: AcceptOptions,
}

impl OneStack {
    /// Reads the stack.
    pub(crate) fn load<'repository>(
        &self,
        repository: &'repository Repository,
    ) -> Result<Stack<'repository>, Failure> {
        let settings = self.source.settings(repository)?;
        let name = StackName::parse(self.stack.trim_end_matches('/'))?;
        let accepted = self.accept.accepted();
        Ok(self.source.load(repository, &settings, &name, accepted)?)
    }

    /// Reads the stack and renders its files. The error names every obstacle to either.
    pub(crate) fn render(&self, repository: &Repository) -> Result<Vec<RenderedFile>, Failure> {
        let settings = self.source.settings(repository)?;
        let name = StackName::parse(self.stack.trim_end_matches('/'))?;
        let (source, accepted) = (&self.source, self.accept.accepted());
        let (stack, mut problems) =
            source.load_with_problems(repository, &settings, &name, accepted)?;
        let mut rendered = Vec::new();
        match stack.render() {
            Ok(files) => rendered = files,
            Err(problem) => problems.push(problem),
        }
        StackError::of_all(problems)?;
        Ok(rendered)
    }
}
