//! The steps of a deployment, for `deploy` and `rollback`.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use jiff::SignedDuration;

use super::age::parse_age;
use super::docker_host::DockerHost;
use super::progress::Progress;
use super::reasons::say_reasons;
use super::stack_selection::SelectedStacks;
use super::stack_source::PlaintextOption;
use super::stale::{Chosen, Keeping};
use super::tally::Tally;
use super::unverified::warn_of_unverified;
use super::{creation, docker_arguments, removal};
use crate::commands::Interrupt;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::{History, Repository};
use crate::stack::{DesiredStack, ExternalNetwork, Stack};
use crate::swarm::{
    ClientRun, DockerEngine, Engine as _, HandedOver, Patience, SwarmError, Turn, TurnNews, Watch,
    create_networks, deploy_stack, missing_networks, plan,
};

/// How to go about it, as typed.
#[derive(Args)]
pub(crate) struct DeploymentOptions {
    /// Give up after this time, such as 90s or 15m; 0 waits for ever
    #[arg(long, value_name = "TIME", value_parser = parse_age, default_value = "10m")]
    timeout: SignedDuration,
    #[command(flatten)]
    pub(crate) plaintext: PlaintextOption,
    #[command(flatten)]
    pub(crate) host: DockerHost,
    /// Arguments for `docker stack deploy`, such as --with-registry-auth
    #[arg(last = true, value_name = "DOCKER ARGS")]
    docker_arguments: Vec<OsString>,
}

/// Everything that a deployment needs to know.
pub(crate) struct Deployment<'a> {
    pub(crate) context: &'a Context,
    pub(crate) repository: &'a Repository,
    pub(crate) selected: &'a SelectedStacks<'a>,
    pub(crate) history: &'a History<'a>,
    pub(crate) options: &'a DeploymentOptions,
    /// What the repository's other stacks want; none where nothing is to be pruned.
    pub(crate) neighbours: Option<Vec<DesiredStack>>,
}

impl DeploymentOptions {
    /// None for `0`.
    fn limit(&self) -> Option<Duration> {
        Some(self.timeout.unsigned_abs()).filter(|limit| !limit.is_zero())
    }
}

impl Deployment<'_> {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        // What can't be rendered or decrypted is found before anything is done.
        let stacks = &self.selected.stacks;
        let handed_over = stacks.iter().map(HandedOver::prepare);
        let handed_over: Vec<HandedOver> = handed_over
            .collect::<Result<_, _>>()
            .map_err(SwarmError::from)?;
        let engine = self.options.host.connect(self.context)?;
        let interrupt = Interrupt::announced(self.context)?;
        let (began, limit) = (Instant::now(), self.options.limit());
        let stop = || match limit {
            _ if interrupt.is_noted() => Err(SwarmError::Interrupted),
            Some(limit) if began.elapsed() >= limit => Err(SwarmError::TimedOut { limit }),
            _ => Ok(()),
        };
        let turns = RefCell::new(self.take_turns(&engine, &stop)?);
        let go_on = || {
            stop()?;
            turns.borrow_mut().iter_mut().try_for_each(Turn::keep)
        };

        let inventory = engine.inventory()?;
        let orders = creation::orders(self.selected, &inventory)?;
        warn_of_unverified(self.context, &self.selected.desired(), &inventory);
        for stack in stacks {
            let plan = plan(stack.desired(), &inventory);
            say_reasons(self.context, &plan, &inventory, self.history);
        }
        creation::carry_out(self.context, &engine, orders, &interrupt)?;
        self.make_networks(&engine, &go_on)?;
        go_on().map_err(SwarmError::stopped("nothing was deployed yet"))?;

        let services = stacks.iter().flat_map(|stack| {
            let desired = stack.desired();
            let services = desired.services.iter();
            services.map(|service| desired.name.service_name(&service.name))
        });
        let mut watch = Watch::begin(&engine, services)?;
        for (stack, handed_over) in stacks.iter().zip(&handed_over) {
            let services = self.deploy_one(stack, handed_over, &go_on)?;
            services.iter().for_each(|service| watch.also(service));
        }
        watch.deployed();
        let mut progress = Progress::new(self.context);
        watch.wait(&engine, &mut || go_on(), &mut |watched| {
            progress.tell(watched)
        })?;
        progress.end()?;

        if let Some(neighbours) = &self.neighbours {
            let policy = Keeping::default().policy(self.selected.settings.keep, self.history);
            let inventory = engine.inventory()?;
            let chosen = Chosen::of(&self.selected.desired(), neighbours, &inventory, &policy);
            removal::carry_out(self.context, &engine, &chosen.stale, &interrupt)?;
        }
        Ok(Outcome::Done)
    }

    /// The turn of each stack, always in the same order: two deployments can't wait for each other.
    fn take_turns<'engine>(
        &self,
        engine: &'engine DockerEngine,
        stop: &dyn Fn() -> Result<(), SwarmError>,
    ) -> Result<Vec<Turn<'engine, DockerEngine>>, Failure> {
        let mut names: Vec<_> = self
            .selected
            .desired()
            .iter()
            .map(|stack| &stack.name)
            .collect();
        names.sort();
        let mut turns: Vec<Turn<'_, DockerEngine>> = Vec::new();
        for name in names {
            let mut meanwhile = || {
                stop()?;
                turns.iter_mut().try_for_each(Turn::keep)
            };
            let mut told = |news: TurnNews<'_>| self.context.terminal.say(describe(news));
            let turn = Turn::take(engine, name, Patience::default(), &mut meanwhile, &mut told);
            let waiting = format!("waiting for the turn of stack {name}; nothing was done");
            turns.push(turn.map_err(SwarmError::stopped(waiting))?);
        }
        Ok(turns)
    }

    fn make_networks(
        &self,
        engine: &DockerEngine,
        go_on: &dyn Fn() -> Result<(), SwarmError>,
    ) -> Result<(), Failure> {
        let stacks = self.selected.stacks.iter();
        let wanted: Vec<ExternalNetwork> = stacks.flat_map(Stack::external_networks).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let missing = missing_networks(engine, &wanted)?;
        if missing.is_empty() {
            return Ok(());
        }
        let mut tally = Tally::new(self.context, "creating networks", missing.len());
        create_networks(engine, &missing, &mut || go_on(), &mut |network| {
            let (name, place) = (&network.name, &network.place);
            tally.tell(format_args!(
                "created network {name} (overlay, attachable; {place})"
            ));
        })
        .map_err(SwarmError::stopped(
            "networks were being made; nothing was deployed yet",
        ))?;
        tally.end()
    }

    fn deploy_one(
        &self,
        stack: &Stack<'_>,
        handed_over: &HandedOver,
        go_on: &dyn Fn() -> Result<(), SwarmError>,
    ) -> Result<Vec<String>, Failure> {
        let name = &stack.desired().name;
        let run = ClientRun {
            directory: self.directory(handed_over),
            environment: self.options.host.client_environment(),
            arguments: docker_arguments::from_here(self.options.docker_arguments.clone())
                .map_err(Failure::new)?,
        };
        let terminal = &self.context.terminal;
        let doing = format!("docker stack deploy {name} was running");
        let board = terminal.board();
        if let Some(board) = &board {
            board.show(&[format!("docker stack deploy {name}")]);
        }
        let services = deploy_stack(stack, handed_over, &run, &mut || go_on(), &mut |line| {
            terminal.say(format_args!("docker: {line}"));
        })
        .map_err(SwarmError::stopped(doing))?;
        terminal.line(format_args!("deployed stack {name}"))?;
        Ok(services)
    }

    /// Where the docker client is to run: in the stack file's folder, if there is one.
    fn directory(&self, handed_over: &HandedOver) -> PathBuf {
        let Some(top) = self.repository.work_tree() else {
            return self.context.directory.clone();
        };
        let folder = top.join(handed_over.folder());
        match folder.is_dir() {
            true => folder,
            false => top.to_owned(),
        }
    }
}

fn describe(news: TurnNews<'_>) -> String {
    match news {
        TurnNews::Waiting {
            stack,
            holder,
            since,
        } => format!("waiting: {holder} deploys stack {stack} since {since}"),
        TurnNews::Outlived { stack, holder } => {
            format!("the deployment of stack {stack} by {holder} is no more: taking its turn")
        }
    }
}
