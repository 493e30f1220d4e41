//! Deploys a commit of a bare clone, unless the stack is at that commit already.

use std::path::PathBuf;
use std::time::Duration;

use super::attempts::Attempts;
use super::context::WorkContext;
use super::docker_access::DockerAccess;
use super::run_error::RunError;
use super::run_log::{RunLog, beginning};
use crate::repository::Repository;
use crate::serve::log::LogLevel;
use crate::serve::settings::ServedStack;
use crate::stack::{self, Accepted, DesiredStack, Settings, Stack, StackError, StackName};
use crate::swarm::{
    ClientRun, Deployment, DeploymentDifference, Deployments as _, DockerEngine, Engine as _,
    Policy, Pruning, networks_to_make, plans,
};

/// A stack to be brought to a commit.
pub(super) struct CommitDeployment<'a> {
    repository: &'a Repository,
    stack: &'a StackName,
    commit: &'a str,
    docker: &'a DockerAccess,
    docker_config: Option<&'a PathBuf>,
    docker_arguments: &'a [String],
    limit: Duration,
    attempts: &'a Attempts,
    /// True to deploy even if no difference to the Swarm is known.
    pub(super) always: bool,
    /// True to deploy although the Swarm runs commits that the clone does not have: its branch was rewritten.
    pub(super) force: bool,
    /// True to fail instead of deploying, since docker has given up on this commit before.
    pub(super) is_given_up: bool,
}

impl<'a> CommitDeployment<'a> {
    /// A stack to be brought to a commit as the settings say.
    pub(super) fn of(
        context: &'a WorkContext,
        attempts: &'a Attempts,
        repository: &'a Repository,
        stack: &'a ServedStack,
        commit: &'a str,
    ) -> Self {
        let settings = &context.parts.settings;
        Self {
            repository,
            stack: &stack.name,
            commit,
            docker: &context.parts.docker,
            docker_config: settings.docker_config.as_ref(),
            docker_arguments: &settings.docker_arguments,
            limit: settings.timeout,
            attempts,
            always: false,
            force: false,
            is_given_up: false,
        }
    }

    /// Brings the stack to the commit. False if there was nothing to do.
    pub(super) fn run(&self, run_log: &RunLog<'_>) -> Result<bool, RunError> {
        let repository = self.repository;
        let commit = repository.commit(self.commit)?;
        let settings = Settings::load(repository, Some(self.commit))?;
        let query = self.docker.query(self.stack, self.commit);
        let stacks = [stack::load(repository, &settings, &query)?];
        let engine = DockerEngine::connect(&self.docker.endpoint, |_| {})?;
        if !self.always && is_there(&engine, &stacks)? {
            return Ok(false);
        }
        if self.is_given_up {
            let commit = self.commit.to_owned();
            return Err(RunError::GivenUp { commit });
        }
        self.begin_attempt(&engine, &stacks[0], run_log)?;
        let history = repository.history(Some(commit));
        let neighbours = self.neighbours(&settings, run_log);
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
        deployment.prepare()?.run(&engine, run_log)?;
        Ok(true)
    }

    /// Fails if an earlier attempt at this commit was interrupted, and docker has rolled a service back since. A run that can't be
    /// remembered goes on, with a warning: a full disk should not stop deployments.
    fn begin_attempt(
        &self,
        engine: &DockerEngine,
        stack: &Stack<'_>,
        run_log: &RunLog<'_>,
    ) -> Result<(), RunError> {
        let wanted = stack.desired().services.iter();
        let wanted = wanted.map(|service| self.stack.service_name(&service.name));
        let wanted: Vec<String> = wanted.collect();
        let mut services = engine.services()?;
        services.retain(|service| wanted.contains(&service.name));
        let begun = self
            .attempts
            .begin(self.stack.as_str(), self.commit, &services);
        let undone = begun.unwrap_or_else(|error| {
            let text = format!(
                "the run can't be remembered in the folder attempts: {error}; if it replaces this service and docker rolls that back, the run is repeated"
            );
            run_log.log(LogLevel::Warning, &text);
            None
        });
        undone.map_or(Ok(()), |service| {
            let commit = beginning(self.commit).to_owned();
            Err(RunError::RolledBack { commit, service })
        })
    }

    /// How to run the docker client.
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
            has_own_group: true,
        }
    }

    /// The wishes of the repository's other stacks. `None` if one of them can't be read: then nothing may be pruned.
    fn neighbours(&self, settings: &Settings, run_log: &RunLog<'_>) -> Option<Vec<DesiredStack>> {
        let names = stack::discover(self.repository, settings, Some(self.commit));
        let read = names.and_then(|names| {
            let others = names.iter().filter(|name| *name != self.stack);
            let others = others.map(|name| {
                let mut query = self.docker.query(name, self.commit);
                query.accepted = Accepted::EVERYTHING;
                let other = stack::load(self.repository, settings, &query)?;
                Ok::<_, StackError>(other.desired().clone())
            });
            others.collect::<Result<Vec<_>, StackError>>()
        });
        match read {
            Ok(neighbours) => Some(neighbours),
            Err(error) => {
                run_log.info(&format!(
                    "nothing is pruned, since another stack of the repository can't be read: {error}"
                ));
                None
            }
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
