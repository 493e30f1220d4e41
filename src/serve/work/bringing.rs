//! Brings a stack to a commit of a bare clone, if it is not there already.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::story::Story;
use crate::repository::{Repository, RepositoryError};
use crate::serve::clone::FetchError;
use crate::stack::{
    self, Accepted, DesiredStack, Settings, SettingsError, Stack, StackError, StackName, StackQuery,
};
use crate::swarm::{
    ClientRun, Deployment, DeploymentDifference, DockerEngine, Endpoint, Engine as _, EngineError,
    Policy, Pruning, SwarmError, networks_to_make, plans,
};

/// Gives the value of a variable.
type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// How the service gets to the Swarm.
pub(crate) struct DockerAccess {
    pub endpoint: Endpoint,
    /// Variables that the docker client needs to find the daemon, too.
    pub client_environment: Vec<(String, Option<String>)>,
    /// A variable of the service's own environment, for the variables in stack files.
    pub environment: Box<Lookup>,
}

/// Why a run did not succeed.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Swarm(#[from] SwarmError),
}

/// A stack to be brought to a commit.
pub(super) struct Bringing<'a> {
    pub(super) repository: &'a Repository,
    pub(super) stack: &'a StackName,
    pub(super) commit: &'a str,
    pub(super) docker: &'a DockerAccess,
    pub(super) docker_config: Option<&'a PathBuf>,
    pub(super) docker_arguments: &'a [String],
    pub(super) limit: Duration,
    /// True to deploy although the Swarm runs commits that the clone does not have: its branch was rewritten.
    pub(super) force: bool,
}

impl Bringing<'_> {
    /// Does it. False if there was nothing to do.
    pub(super) fn run(&self, story: &Story<'_>) -> Result<bool, RunError> {
        let repository = self.repository;
        let commit = repository.commit(self.commit)?;
        let settings = Settings::load(repository, Some(self.commit))?;
        let stacks = [stack::load(repository, &settings, &self.query(self.stack))?];
        let engine = DockerEngine::connect(&self.docker.endpoint, |_| {})?;
        if is_there(&engine, &stacks)? {
            return Ok(false);
        }
        let history = repository.history(Some(commit));
        let neighbours = self.neighbours(&settings, story);
        let pruning = neighbours.as_ref().map(|neighbours| Pruning {
            stacks: stacks.iter().map(Stack::desired).collect(),
            neighbours: neighbours.iter().collect(),
            policy: Policy::by_settings(&settings, &history, None),
        });
        let deployment = Deployment {
            repository,
            settings: &settings,
            history: &history,
            stacks: &stacks,
            client: self.client(),
            limit: Some(self.limit),
            pruning,
            force: self.force,
        };
        deployment.prepare()?.run(&engine, story)?;
        Ok(true)
    }

    /// The docker client as it is to be run.
    fn client(&self) -> ClientRun {
        let mut environment = self.docker.client_environment.clone();
        if let Some(folder) = self.docker_config {
            let folder = folder.display().to_string();
            environment.push(("DOCKER_CONFIG".to_owned(), Some(folder)));
        }
        let registry_login = self.docker_config.map(|_| "--with-registry-auth".into());
        let own = self.docker_arguments.iter().map(Into::into);
        ClientRun {
            directory: PathBuf::from("/"),
            environment,
            arguments: registry_login.into_iter().chain(own).collect(),
        }
    }

    /// The wishes of the repository's other stacks; none if one of them can't be read. Then nothing is pruned.
    fn neighbours(&self, settings: &Settings, story: &Story<'_>) -> Option<Vec<DesiredStack>> {
        let names = stack::discover(self.repository, settings, Some(self.commit));
        let read = names.and_then(|names| {
            let others = names.iter().filter(|name| *name != self.stack);
            let others = others.map(|name| {
                let mut query = self.query(name);
                query.accepted = Accepted::EVERYTHING;
                let other = stack::load(self.repository, settings, &query)?;
                Ok::<_, StackError>(other.desired().clone())
            });
            others.collect::<Result<Vec<_>, StackError>>()
        });
        match read {
            Ok(neighbours) => Some(neighbours),
            Err(error) => {
                story.say(&format!(
                    "nothing is pruned, since another stack of the repository can't be read: {error}"
                ));
                None
            }
        }
    }

    fn query(&self, name: &StackName) -> StackQuery<'_> {
        StackQuery {
            name: name.clone(),
            files: Vec::new(),
            revision: Some(self.commit.to_owned()),
            accepted: Accepted::default(),
            environment: &*self.docker.environment,
        }
    }
}

/// True if a deployment of these stacks would change nothing.
fn is_there(engine: &DockerEngine, stacks: &[Stack<'_>]) -> Result<bool, RunError> {
    let inventory = engine.inventory_of_services()?;
    let index = inventory.index();
    let networks = networks_to_make(engine, stacks)?;
    let plans = plans(stacks, &index);
    for (stack, plan) in stacks.iter().zip(&plans) {
        let difference = DeploymentDifference::of(stack, &index)?;
        let has_services = !stack.desired().services.is_empty();
        let is_unknown = has_services && difference.last.is_none();
        if !plan.is_done() || !difference.is_none() || is_unknown {
            return Ok(false);
        }
    }
    Ok(networks.iter().all(Vec::is_empty))
}

impl RunError {
    /// True if it may go away by itself: the run is tried again.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Fetch(_) => true,
            Self::Engine(error) => is_of_connection(error),
            Self::Swarm(error) => is_of_swarm(error),
            Self::Repository(_) | Self::Settings(_) | Self::Stack(_) => false,
        }
    }

    /// True if the Swarm runs commits that the clone does not have.
    pub(super) fn is_of_stale_clone(&self) -> bool {
        matches!(self, Self::Swarm(SwarmError::StaleClone { .. }))
    }

    /// True if the time was over.
    pub(super) fn is_timeout(&self) -> bool {
        let Self::Swarm(error) = self else {
            return false;
        };
        has_timed_out(error)
    }
}

fn is_of_swarm(error: &SwarmError) -> bool {
    match error {
        SwarmError::Engine(error) => is_of_connection(error),
        SwarmError::HalfCreated { source, .. }
        | SwarmError::HalfRemoved { source, .. }
        | SwarmError::Stopped { source, .. } => is_of_swarm(source),
        SwarmError::TurnLost { .. } => true,
        _ => false,
    }
}

fn is_of_connection(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::NotRunning { .. }
            | EngineError::NoLeader { .. }
            | EngineError::TimedOut { .. }
            | EngineError::Gone { .. }
            | EngineError::Ssh { .. }
    )
}

fn has_timed_out(error: &SwarmError) -> bool {
    match error {
        SwarmError::TimedOut { .. } => true,
        SwarmError::Stopped { source, .. } => has_timed_out(source),
        SwarmError::NotConverged {
            source: Some(source),
            ..
        } => has_timed_out(source),
        _ => false,
    }
}
