//! `plan`: shows what a deployment would do, and which services it would change.

use std::ffi::OsString;

use clap::Args;

use super::compared_services::ComparedServices;
use super::planned_work::PlannedWork;
use super::{plan_json, plan_lines};
use crate::commands::stacks::removal::stale::Keeping;
use crate::commands::stacks::reporting::newlines::warn_of_newlines;
use crate::commands::stacks::reporting::progress_reporter::ProgressReporter;
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::{
    SelectedStacks, StackSelection, no_stacks,
};
use crate::commands::stacks::selection::stack_source::AcceptOptions;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::{History, Repository};
use crate::stack::{Stack, StackError};
use crate::swarm::{
    ClientRun, DeploymentDifference, DockerEngine, Engine as _, EngineError, Event, Inventory,
    InventoryIndex, Observer as _, SwarmObject, ask_docker, check_orders, commits_ahead,
    networks_to_make, plans, report_sources, report_stack_notices, service_pruning,
    stacks_elsewhere, with_absolute_paths,
};

/// Show what `deploy` (or `sync` and `prune`) would do, and which services restart
///
/// It compares secrets, configs and services with the Swarm. If `deploy` was used before, it also names the stack files,
/// `env_file`s and variables that have changed since; docker decides which services they change. A docker client of version 23
/// or newer is asked whether it would refuse the stack. No key is needed. If one is there, files that `sync` would refuse to
/// decrypt are an error. Exits with 3 if there is something to do, and with 1 if something is in the way.
///
/// If there is something to do, the jobs of the stack are named, since each deployment runs them again. A service that is in the
/// Swarm and not in the stack's files is named, too: `deploy --dry-run -- --prune` shows which services docker would remove.
#[derive(Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    selection: StackSelection,
    #[command(flatten)]
    accept: AcceptOptions,
    /// Show also which fields of the services change: image, replicas, limits, names of variables, mounts, ports
    #[arg(long)]
    diff: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: DockerHost,
    /// The arguments for the docker client, if the plan is that of `deploy --dry-run`.
    #[arg(skip)]
    docker_arguments: Vec<OsString>,
}

impl PlanArgs {
    /// Prints as lines the plan of a deployment of these stacks with these arguments for the docker client.
    pub(crate) fn of_deployment(
        selection: StackSelection,
        accept: AcceptOptions,
        host: DockerHost,
        docker_arguments: Vec<OsString>,
    ) -> Self {
        Self {
            selection,
            accept,
            diff: false,
            json: false,
            host,
            docker_arguments,
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let docker_arguments = with_absolute_paths(&self.docker_arguments).map_err(Failure::new)?;
        let run = ClientRun {
            directory: context.directory.clone(),
            environment: self.host.client_environment(),
            arguments: docker_arguments,
            // A program that the client starts, such as ssh, may ask the user for something.
            has_own_group: false,
        };
        let (selection, accepted) = (&self.selection, self.accept.accepted());
        let selected = selection.load_for_deployment(&repository, accepted, &run)?;
        self.selection
            .report_overlooked(context, &repository, &selected.settings)?;
        let history = self.selection.history(&repository)?;
        let engine = self.host.connect(context);
        let engine = engine.map_err(|failure| {
            // If there are no stacks, that is the more helpful error.
            let has_none = selected.stacks.is_empty();
            if has_none { no_stacks() } else { failure }
        })?;
        let observed = SwarmView::of(&engine)?;
        let inventory = &observed.inventory;
        let index = inventory.index();
        tell(context, &repository, &selected, &history, &index);
        let stale = self.stale(context, &repository, &selected, &history, &observed);
        let plans = plans(&selected.stacks, &index);
        warn_of_newlines(context, &selected.stacks, &plans);
        let mut refused: Vec<Failure> = Vec::new();
        refused.extend(
            check_orders(&selected.stacks, &plans)
                .err()
                .map(Failure::from),
        );
        let reporter = ProgressReporter::new(context, None).for_repository(&repository);
        let is_here = |commit: &str| repository.commit(commit).is_ok();
        let there = self.diff.then(|| engine.service_fields()).transpose()?;
        let networks = networks_to_make(&engine, &selected.stacks)?;
        let mut works = Vec::new();
        let mut unasked: Vec<&Stack<'_>> = Vec::new();
        for ((stack, plan), networks) in selected.stacks.iter().zip(plans).zip(networks) {
            let difference = DeploymentDifference::of(stack, &index);
            let difference = difference.unwrap_or_else(|error| {
                refused.push(error.into());
                DeploymentDifference::default()
            });
            for ahead in commits_ahead(&plan, &difference, &index, &history, &is_here) {
                reporter.tell(Event::CommitAhead(&ahead));
            }
            if !difference.is_accepted_by_docker() || !run.arguments.is_empty() {
                // Docker can't be asked about a stack that can't be rendered.
                refused.extend(stack.render().err().map(Failure::from));
                unasked.push(stack);
            }
            let desired = stack.desired();
            let compared = there.as_ref();
            let compared = compared.map(|there| ComparedServices::of(stack, there, &difference));
            let compared = compared.transpose().map_err(Failure::from)?;
            let mut work = PlannedWork::new(desired, plan, difference, &stale, &index, &history);
            work.compared = compared;
            work.networks = networks;
            work.service_pruning = service_pruning(&run.arguments);
            works.push(work);
        }
        let asked = ask_docker(&unasked, &[], &run, repository.work_tree().top());
        refused.extend(asked.err().map(Failure::from));
        if self.json {
            plan_json::print(context, &works)?;
        } else {
            works
                .iter()
                .try_for_each(|work| plan_lines::show(context, work))?;
        }
        let elsewhere = self.stacks_elsewhere(&repository, &selected, inventory)?;
        if selected.stacks.is_empty() && elsewhere.is_empty() {
            return Err(no_stacks());
        }
        report_stacks_elsewhere(context, &elsewhere);
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

    /// The objects that `prune` would remove; empty if a stack can't be read or the tasks can't be listed.
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

    /// If no stacks were named: those that this program has brought to the Swarm and that the repository does not have.
    fn stacks_elsewhere(
        &self,
        repository: &Repository,
        selected: &SelectedStacks<'_>,
        inventory: &Inventory,
    ) -> Result<Vec<String>, Failure> {
        if !self.selection.names_typed().is_empty() {
            return Ok(Vec::new());
        }
        let known = self.selection.all_names(repository, &selected.settings)?;
        Ok(stacks_elsewhere(inventory, &known))
    }
}

fn report_stacks_elsewhere(context: &Context, elsewhere: &[String]) {
    if !elsewhere.is_empty() {
        context.terminal.info(format_args!(
            "in the Swarm, and not in this repository: {}; `ls` lists what they have there, `docker stack rm STACK` removes one, `prune --gone` what they have left unused",
            elsewhere.join(", ")
        ));
    }
}

/// The Swarm, as far as it could be listed.
struct SwarmView {
    inventory: Inventory,
    /// Why tasks and volumes are unknown; `None` if they are known.
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

/// Reports everything about the stacks besides the work to do.
fn tell(
    context: &Context,
    repository: &Repository,
    selected: &SelectedStacks<'_>,
    history: &History<'_>,
    index: &InventoryIndex<'_>,
) {
    let (stacks, settings) = (selected.desired(), &selected.settings);
    let reporter = ProgressReporter::new(context, None);
    report_stack_notices(repository, settings, history, &stacks, index, &reporter);
    for stack in &selected.stacks {
        // A file that can't be read is reported with the other obstacles.
        let _: Result<(), StackError> = report_sources(stack, &reporter);
    }
}
