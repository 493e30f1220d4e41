//! Reads the stacks of a repository as far as they can be read.

use super::stack_selection::StackSelection;
use super::stack_source::StackSource;
use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::{DesiredStack, Settings, StackError, StackName};

/// The stacks of a repository as far as they can be read.
pub(crate) struct ReadableStacks {
    pub(crate) settings: Settings,
    /// The stacks that were asked for.
    pub(crate) stacks: Vec<DesiredStack>,
    /// The repository's other stacks.
    pub(crate) neighbours: Vec<DesiredStack>,
    /// The errors in stacks that could not be read completely.
    pub(crate) problems: Vec<(StackName, StackError)>,
}

impl StackSelection {
    /// Reads as much as can be read. Fails only if the settings or the repository can't be read, or a named stack does not exist.
    pub(crate) fn load_readable(&self, repository: &Repository) -> Result<ReadableStacks, Failure> {
        let settings = self.source.settings(repository)?;
        let names = self.names(repository, &settings)?;
        let mut problems = Vec::new();
        let mut load = |source: &StackSource, name: &StackName| match source
            .load_partially(repository, &settings, name)
        {
            Ok(partial) => {
                let of_stack = |error| (name.clone(), error);
                problems.extend(partial.problems.into_iter().map(of_stack));
                Ok(partial.desired)
            }
            Err(error @ (StackError::Discover(_) | StackError::Repository(_))) => Err(error),
            Err(error) => {
                problems.push((name.clone(), error));
                Ok(DesiredStack::nothing(name.clone()))
            }
        };
        let stacks: Result<_, StackError> =
            names.iter().map(|name| load(&self.source, name)).collect();
        let by_convention = self.source.by_convention();
        let others = self.others(repository, &settings, &names)?;
        let neighbours: Result<_, StackError> = others
            .iter()
            .map(|name| load(&by_convention, name))
            .collect();
        Ok(ReadableStacks {
            stacks: stacks?,
            neighbours: neighbours?,
            settings,
            problems,
        })
    }
}
