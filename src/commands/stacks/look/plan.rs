//! `plan`: shows what a deployment would do, and which services it would change.

use clap::Args;

use super::planned_work::PlannedWork;
use super::{plan_json, plan_lines};
use crate::commands::stacks::removal::stale::Keeping;
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::{SelectedStacks, StackSelection};
use crate::commands::stacks::selection::stack_source::AcceptOptions;
use crate::commands::stacks::telling::narrator::Narrator;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::{History, Repository};
use crate::stack::{Stack, StackError};
use crate::swarm::{
    ClientRun, DeploymentDifference, DockerEngine, Engine as _, EngineError, Event, Inventory,
    Observer as _, SwarmObject, ask_docker, changed_labels, check_orders, commits_ahead, plans,
    setting_changes, stacks_elsewhere, tell_of_sources, unverified,
};

/// Show what `deploy` (or `sync` and `prune`) would do, and which services restart
///
/// It compares secrets, configs and services with the Swarm. If `deploy` was used before, it also names the stack files,
/// `env_file`s and variables that have changed since; docker decides which services they change. A docker client of version 23
/// or newer is asked whether it would refuse the stack. No key is needed. If one is there, files that `sync` would refuse to
/// decrypt are an error. Exits with 3 if there is something to do, and with 1 if something is in the way.
#[derive(Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    selection: StackSelection,
    #[command(flatten)]
    accept: AcceptOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: DockerHost,
}

impl PlanArgs {
    /// The plan of these stacks, as lines.
    pub(crate) fn of(selection: StackSelection, accept: AcceptOptions, host: DockerHost) -> Self {
        Self {
            selection,
            accept,
            json: false,
            host,
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let selected = self.selection.load(&repository, self.accept.accepted())?;
        self.selection
            .say_overlooked(context, &repository, &selected.settings)?;
        let history = self.selection.history(&repository)?;
        let engine = self.host.connect(context)?;
        let observed = SwarmView::of(&engine)?;
        let inventory = &observed.inventory;
        let index = inventory.index();
        tell(context, &repository, &selected, &history, inventory);
        let stale = self.stale(context, &repository, &selected, &history, &observed);
        let plans = plans(&selected.stacks, &index);
        let mut refused: Vec<Failure> = Vec::new();
        refused.extend(
            check_orders(&selected.stacks, &plans)
                .err()
                .map(Failure::from),
        );
        let narrator = Narrator::new(context, None).for_repository(&repository);
        let is_here = |commit: &str| repository.commit(commit).is_ok();
        let mut works = Vec::new();
        let mut unasked: Vec<&Stack<'_>> = Vec::new();
        for (stack, plan) in selected.stacks.iter().zip(plans) {
            let difference = DeploymentDifference::of(stack, &index);
            let difference = difference.unwrap_or_else(|error| {
                refused.push(error.into());
                DeploymentDifference::default()
            });
            for ahead in commits_ahead(&plan, &difference, &index, &history, &is_here) {
                narrator.tell(Event::CommitAhead(&ahead));
            }
            if !difference.is_accepted_by_docker() {
                unasked.push(stack);
            }
            works.push(PlannedWork::new(
                stack.desired(),
                plan,
                difference,
                &stale,
                &index,
                &history,
            ));
        }
        let run = ClientRun {
            directory: context.directory.clone(),
            environment: self.host.client_environment(),
            arguments: Vec::new(),
        };
        let asked = ask_docker(&unasked, &run, repository.work_tree().top());
        refused.extend(asked.err().map(Failure::from));
        if self.json {
            plan_json::print(context, &works)?;
        } else {
            works
                .iter()
                .try_for_each(|work| plan_lines::show(context, work))?;
        }
        self.say_stacks_elsewhere(context, &repository, &selected, inventory)?;
        match Failure::several(refused) {
            Some(failure) => Err(failure),
            None if works.iter().all(PlannedWork::is_none) => {
                if !self.json {
                    plan_lines::nothing_to_do(context, &works)?;
                }
                Ok(Outcome::Done)
            }
            None => Ok(Outcome::Found),
        }
    }

    /// The objects that `prune` would remove. None are known if a stack can't be read or the tasks can't be listed.
    fn stale(
        &self,
        context: &Context,
        repository: &Repository,
        selected: &SelectedStacks<'_>,
        history: &History<'_>,
        observed: &SwarmView,
    ) -> Vec<SwarmObject> {
        let neighbours = match &observed.users_unknown {
            Some(error) => Err(Failure::from(error.clone())),
            None => self.selection.neighbours(repository, selected),
        };
        match neighbours {
            Ok(neighbours) => {
                let pruning = Keeping::default().pruning(selected, &neighbours, history);
                pruning.choose(&observed.inventory).stale
            }
            Err(failure) => {
                context.terminal.warning(&failure);
                let hints = failure.hints().iter();
                hints.for_each(|hint| context.terminal.hint(hint));
                Vec::new()
            }
        }
    }

    /// If all stacks are meant, names those that this program has brought to the Swarm and that the repository does not have.
    fn say_stacks_elsewhere(
        &self,
        context: &Context,
        repository: &Repository,
        selected: &SelectedStacks<'_>,
        inventory: &Inventory,
    ) -> Result<(), Failure> {
        let known = self.selection.all_names(repository, &selected.settings)?;
        let elsewhere = stacks_elsewhere(inventory, &known);
        if self.selection.names_typed().is_empty() && !elsewhere.is_empty() {
            context.terminal.say(format_args!(
                "in the Swarm, and not in this repository: {}; `ls` lists what they have there, `docker stack rm STACK` removes one",
                elsewhere.join(", ")
            ));
        }
        Ok(())
    }
}

/// The Swarm, as far as it could be listed.
struct SwarmView {
    inventory: Inventory,
    /// The reason why tasks and volumes are not known; none if they are.
    users_unknown: Option<EngineError>,
}

impl SwarmView {
    /// Looks at the Swarm. Tasks and volumes are left out if a proxy does not let them be listed.
    fn of(engine: &DockerEngine) -> Result<Self, EngineError> {
        match engine.inventory() {
            Ok(inventory) => Ok(Self {
                inventory,
                users_unknown: None,
            }),
            Err(error @ EngineError::Forbidden { .. }) => Ok(Self {
                inventory: engine.inventory_of_services()?,
                users_unknown: Some(error),
            }),
            Err(error) => Err(error),
        }
    }
}

/// Tells what there is to know about the stacks besides the work.
fn tell(
    context: &Context,
    repository: &Repository,
    selected: &SelectedStacks<'_>,
    history: &History<'_>,
    inventory: &Inventory,
) {
    let (stacks, index) = (selected.desired(), inventory.index());
    let narrator = Narrator::new(context, None);
    let settings = &selected.settings;
    for change in setting_changes(repository, settings, history, &stacks, inventory) {
        narrator.tell(Event::SettingChanged(&change));
    }
    for object in stacks
        .iter()
        .flat_map(|stack| stack.configs_from_encrypted_files())
    {
        narrator.tell(Event::EncryptedConfig(object));
    }
    narrator.tell(Event::Unverified(&unverified(&stacks, &index)));
    let changed = changed_labels(&stacks, &index);
    if !changed.is_empty() {
        narrator.tell(Event::LabelsChanged(&changed));
    }
    for stack in &selected.stacks {
        // A file that can't be read is told of with the rest that is in the way.
        let _: Result<(), StackError> = tell_of_sources(stack, &narrator);
    }
}
