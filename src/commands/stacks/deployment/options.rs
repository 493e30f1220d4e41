//! The options of a deployment, and its run, for `deploy` and `rollback`.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::commands::stacks::reporting::age::parse_age;
use crate::commands::stacks::reporting::progress_reporter::ProgressReporter;
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::SelectedStacks;
use crate::commands::stacks::selection::stack_source::AcceptOptions;
use crate::commands::{Context, Interrupt, Outcome};
use crate::failure::Failure;
use crate::repository::{History, Repository};
use crate::stack::Stack;
use crate::swarm::{ClientRun, Deployment, Pruning, ask_docker, with_absolute_paths};

/// Whether a deployment goes to newer or to older content than what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To what is wanted now.
    Forward,
    /// To what an earlier commit wanted.
    Back,
}

/// The options of a deployment, as typed.
#[derive(Args)]
pub(crate) struct DeploymentOptions {
    /// Give up after this time, such as 90s or 15m; 0 waits for ever
    #[arg(long, value_name = "TIME", value_parser = parse_age, default_value = "10m")]
    timeout: SignedDuration,
    /// Deploy although the Swarm runs what was made from commits that this clone does not have
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(crate) accept: AcceptOptions,
    #[command(flatten)]
    pub(crate) host: DockerHost,
    /// Arguments for `docker stack deploy`, such as --with-registry-auth
    #[arg(last = true, value_name = "DOCKER ARGS")]
    pub(crate) docker_arguments: Vec<OsString>,
}

impl DeploymentOptions {
    /// Deploys the stacks. If there is a `pruning`, prunes afterwards.
    pub(super) fn deploy<'a, 'repository>(
        &self,
        context: &Context,
        direction: Direction,
        repository: &'repository Repository,
        selected: &'a SelectedStacks<'repository>,
        history: &'a History<'repository>,
        pruning: Option<Pruning<'a>>,
    ) -> Result<Outcome, Failure> {
        let deployment = Deployment {
            repository,
            settings: &selected.settings,
            history,
            stacks: &selected.stacks,
            client: self.client(context)?,
            limit: self.limit(),
            pruning,
            force: self.force,
        };
        // Everything is rendered and decrypted before the daemon is asked, so that errors in files come first.
        let run = deployment.client.clone();
        let prepared = deployment.prepare().map_err(|error| {
            let stacks: Vec<&Stack<'_>> = selected.stacks.iter().collect();
            let objections = ask_docker(&stacks, &[], &run, repository.work_tree().top()).err();
            let failures = [Some(error), objections].into_iter().flatten();
            Failure::several(failures.map(Failure::from)).expect("because there is an error")
        })?;
        let engine = self.host.connect(context)?;
        let interrupt = Interrupt::announced(context)?;
        let mut reporter =
            ProgressReporter::new(context, Some(&interrupt)).for_repository(repository);
        if direction == Direction::Back {
            reporter = reporter.going_back();
        }
        prepared.run(&engine, &reporter)?;
        reporter.end()?;
        Ok(Outcome::Done)
    }

    /// How the docker client is to be run.
    pub(super) fn client(&self, context: &Context) -> Result<ClientRun, Failure> {
        Ok(ClientRun {
            directory: context.directory.clone(),
            environment: self.host.client_environment(),
            arguments: with_absolute_paths(&self.docker_arguments).map_err(Failure::new)?,
            // A program that the client starts, such as ssh, may ask the user for something.
            has_own_group: false,
        })
    }

    /// The time limit; `None` if `0` was typed.
    fn limit(&self) -> Option<Duration> {
        Some(self.timeout.unsigned_abs()).filter(|limit| !limit.is_zero())
    }
}
