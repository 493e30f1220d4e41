//! The arguments that choose stacks and a revision.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;

use super::other_obstacles::other_obstacles;
use super::stack_source::StackSource;
use crate::commands::Context;
use crate::commands::stacks::reporting::several::several;
use crate::failure::Failure;
use crate::repository::{History, Repository};
use crate::stack::{
    Accepted, DesiredStack, DiscoverError, SETTINGS_FILE, Settings, Stack, StackError, StackName,
};
use crate::swarm::ClientRun;

/// The chosen stacks and the revision.
#[derive(Args)]
pub(crate) struct StackSelection {
    /// Names of stacks, instead of all that are found in the repository
    #[arg(value_name = "STACK")]
    stacks: Vec<String>,
    #[command(flatten)]
    pub(super) source: StackSource,
}

/// The stacks of a repository, read at one revision.
pub(crate) struct SelectedStacks<'repository> {
    pub(crate) settings: Settings,
    pub(crate) stacks: Vec<Stack<'repository>>,
}

impl StackSelection {
    /// Chooses one stack, at one commit or in the work tree.
    pub(crate) fn at(stack: &StackName, files: Vec<PathBuf>, revision: Option<String>) -> Self {
        Self {
            stacks: vec![stack.to_string()],
            source: StackSource {
                files,
                rev: revision,
            },
        }
    }

    /// Reads the stacks. Content that is `accepted` does not cause an error.
    pub(crate) fn load<'repository>(
        &self,
        repository: &'repository Repository,
        accepted: Accepted,
    ) -> Result<SelectedStacks<'repository>, Failure> {
        let (selected, failures) = self.load_with_failures(repository, accepted)?;
        match Failure::several(failures) {
            Some(failure) => Err(failure),
            None => selected.unless_empty(),
        }
    }

    /// Reads the stacks, of which there may be none, for a deployment with this docker client. If some can't be read, the
    /// error also names the other obstacles to the deployment, including docker's objections.
    pub(crate) fn load_for_deployment<'repository>(
        &self,
        repository: &'repository Repository,
        accepted: Accepted,
        run: &ClientRun,
    ) -> Result<SelectedStacks<'repository>, Failure> {
        let (selected, mut failures) = self.load_with_failures(repository, accepted)?;
        if !failures.is_empty() {
            let others = other_obstacles(&selected.stacks, &failures, run, repository);
            failures.extend(others);
        }
        match Failure::several(failures) {
            Some(failure) => Err(failure),
            None => Ok(selected),
        }
    }

    /// Reads the stacks as far as they can be read, and returns the failures of those that can't be used.
    fn load_with_failures<'repository>(
        &self,
        repository: &'repository Repository,
        accepted: Accepted,
    ) -> Result<(SelectedStacks<'repository>, Vec<Failure>), Failure> {
        let settings = self.source.settings(repository)?;
        let names = self.names(repository, &settings)?;
        let (mut stacks, mut failures) = (Vec::new(), Vec::new());
        for name in &names {
            let source = &self.source;
            match source.load_with_problems(repository, &settings, name, accepted) {
                Ok((stack, problems)) => {
                    stacks.push(stack);
                    failures.extend(StackError::of_all(problems).err().map(Failure::from));
                }
                Err(error) => failures.push(Failure::from(error)),
            }
        }
        Ok((SelectedStacks { settings, stacks }, failures))
    }

    /// If no stacks were named, names the files that look like stack files but are not taken for any.
    pub(crate) fn report_overlooked(
        &self,
        context: &Context,
        repository: &Repository,
        settings: &Settings,
    ) -> Result<(), Failure> {
        if !self.stacks.is_empty() {
            return Ok(());
        }
        let overlooked = self.source.overlooked(repository, settings)?;
        if overlooked.is_empty() {
            return Ok(());
        }
        context.terminal.info(format_args!(
            "seen and not taken: {}; a stack in such a folder is taken when it is named, or by `[stacks.NAME]` in {SETTINGS_FILE}",
            several(&overlooked)
        ));
        Ok(())
    }

    /// The names of all stacks in the repository, at the chosen revision.
    pub(crate) fn all_names(
        &self,
        repository: &Repository,
        settings: &Settings,
    ) -> Result<Vec<StackName>, Failure> {
        Ok(self.source.all_names(repository, settings)?)
    }

    /// The names of stacks as they were typed; empty for all stacks.
    pub(crate) fn names_typed(&self) -> &[String] {
        &self.stacks
    }

    /// The repository's other stacks. Pruning needs to know what they want.
    pub(crate) fn neighbours(
        &self,
        repository: &Repository,
        selected: &SelectedStacks<'_>,
    ) -> Result<Vec<DesiredStack>, Failure> {
        let names: Vec<StackName> = selected
            .desired()
            .iter()
            .map(|stack| stack.name.clone())
            .collect();
        let others = self.others(repository, &selected.settings, &names)?;
        self.desired_by_convention(repository, &selected.settings, &others)
    }

    /// All stacks of the repository, of which there may be none, and the settings.
    pub(crate) fn load_all(
        &self,
        repository: &Repository,
    ) -> Result<(Settings, Vec<DesiredStack>), Failure> {
        let settings = self.source.settings(repository)?;
        let names = self.source.all_names(repository, &settings)?;
        let stacks = self.desired_by_convention(repository, &settings, &names)?;
        Ok((settings, stacks))
    }

    fn desired_by_convention(
        &self,
        repository: &Repository,
        settings: &Settings,
        names: &[StackName],
    ) -> Result<Vec<DesiredStack>, Failure> {
        let by_convention = self.source.by_convention();
        let (mut stacks, mut failures) = (Vec::new(), Vec::new());
        for name in names {
            match by_convention.load(repository, settings, name, Accepted::EVERYTHING) {
                Ok(stack) => stacks.push(stack.desired().clone()),
                Err(error) => failures.push(unreadable(name, error)),
            }
        }
        match Failure::several(failures) {
            Some(failure) => Err(failure),
            None => Ok(stacks),
        }
    }

    /// The history that ends at the chosen revision.
    pub(crate) fn history<'repository>(
        &self,
        repository: &'repository Repository,
    ) -> Result<History<'repository>, Failure> {
        Ok(repository.history(self.source.commit(repository)?))
    }

    /// The names of the chosen stacks. Empty if all are chosen and the repository has none.
    pub(super) fn names(
        &self,
        repository: &Repository,
        settings: &Settings,
    ) -> Result<Vec<StackName>, Failure> {
        if !self.source.files.is_empty() && self.stacks.len() != 1 {
            return Err(Failure::usage("`--file` needs the name of one stack")
                .hint("`STACK --file FILE` says which stack the file describes"));
        }
        if self.stacks.is_empty() {
            return Ok(self.source.all_names(repository, settings)?);
        }
        let mut names = Vec::new();
        for name in &self.stacks {
            // Shells complete the name of a stack's folder with a slash at its end.
            let name = StackName::parse(name.trim_end_matches('/'))?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// All stacks of the repository but these.
    pub(super) fn others(
        &self,
        repository: &Repository,
        settings: &Settings,
        names: &[StackName],
    ) -> Result<Vec<StackName>, Failure> {
        let mut others = self.source.all_names(repository, settings)?;
        let names: HashSet<&StackName> = names.iter().collect();
        others.retain(|name| !names.contains(name));
        Ok(others)
    }
}

impl SelectedStacks<'_> {
    /// Fails if there are no stacks.
    pub(crate) fn unless_empty(self) -> Result<Self, Failure> {
        if self.stacks.is_empty() {
            return Err(no_stacks());
        }
        Ok(self)
    }

    pub(crate) fn desired(&self) -> Vec<&DesiredStack> {
        self.stacks.iter().map(Stack::desired).collect()
    }
}

/// The failure if no stacks were named and the repository has none.
pub(crate) fn no_stacks() -> Failure {
    StackError::from(DiscoverError::NoStacks).into()
}

fn unreadable(name: &StackName, error: StackError) -> Failure {
    let failure = Failure::from(error);
    let named = Failure::new(format_args!(
        "nothing can be pruned while the stack `{name}` can't be read: {failure}"
    ));
    let hints = failure.hints().iter();
    hints.fold(named, |failure, hint| failure.hint(hint)).hint(
        "what any stack of the repository wants is kept, so each must be readable; correct or remove that stack file",
    )
}
