//! A prepared deployment, from its first step to its last: turn, objects, networks, docker client, convergence, pruning.

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use super::client::check::check_stacks;
use super::client::error::ClientError;
use super::client::handed_over::HandedOver;
use super::client::stack_deploy::deploy_stack;
use super::compare_with_last::compare_with_last;
use super::convergence::watch::{Watch, Watched};
use super::deployment::Deployment;
use super::overlay::{create_networks, missing_networks};
use super::turn::{Patience, Turn, TurnEvent};
use crate::stack::{ExternalNetwork, Stack, StackName};
use crate::swarm::engine::{Deployments, Engine};
use crate::swarm::error::SwarmError;
use crate::swarm::objects::apply::create_all;
use crate::swarm::objects::notices::report::report_stack_notices;
use crate::swarm::objects::orders::{orders, plans};
use crate::swarm::objects::reasons::reasons;
use crate::swarm::observed::record::DeploymentRecord;
use crate::swarm::observer::{Event, Observer};

/// A deployment whose stack files are rendered and whose `env_file`s are decrypted.
pub struct PreparedDeployment<'a, 'repository> {
    deployment: Deployment<'a, 'repository>,
    handed_over: Vec<HandedOver>,
}

impl<'a, 'repository> Deployment<'a, 'repository> {
    /// Renders the stack files and decrypts the `env_file`s, so that errors in them are found before anything is done.
    pub fn prepare(self) -> Result<PreparedDeployment<'a, 'repository>, SwarmError> {
        let (mut handed_over, mut problems) = (Vec::new(), Vec::new());
        for stack in self.stacks {
            match HandedOver::prepare(stack) {
                Ok(prepared) => handed_over.push(prepared),
                Err(problem) => problems.push(problem),
            }
        }
        SwarmError::of_all(problems)?;
        Ok(PreparedDeployment {
            handed_over,
            deployment: self,
        })
    }
}

impl PreparedDeployment<'_, '_> {
    /// Deploys, and gives the services, which have all converged.
    pub fn run<E: Engine + Deployments>(
        &self,
        engine: &E,
        observer: &dyn Observer,
    ) -> Result<Vec<Watched>, SwarmError> {
        let run = Run {
            prepared: self,
            engine,
            observer,
            began: Instant::now(),
        };
        let (client, top) = (&self.deployment.client, run.top());
        let asked = check_stacks(
            self.deployment.stacks,
            &self.handed_over,
            client,
            top,
            &mut || run.stop_if_interrupted(),
        );
        let asking = "the docker client was asked about the stacks; nothing was done";
        asked.map_err(SwarmError::stopped(asking))?;
        let turns = RefCell::new(run.take_turns()?);
        let stop_if_interrupted = || {
            run.stop_if_interrupted()?;
            turns.borrow_mut().iter_mut().try_for_each(Turn::keep)
        };
        let mut records = run.create_objects()?;
        run.create_networks(&stop_if_interrupted)?;
        stop_if_interrupted().map_err(SwarmError::stopped("nothing was deployed yet"))?;
        let watch = run.deploy_stacks(&records, &stop_if_interrupted)?;
        let converged = watch.wait(engine, &mut || stop_if_interrupted(), &mut |watched| {
            observer.tell(Event::Progress(watched));
        });
        let converged = converged.map_err(|error| error.of_stacks(&self.deployment.desired()))?;
        for record in &mut records {
            record.has_converged = true;
            if let Some(commit) = &record.commit
                && record.commit_id() == Some(commit)
            {
                record.last_converged = Some(commit.clone());
            }
            engine.keep_record(record)?;
        }
        observer.tell(Event::Converged(&converged));
        if let Some(pruning) = &self.deployment.pruning {
            pruning.run(engine, observer)?;
        }
        Ok(converged)
    }
}

/// A deployment under way.
struct Run<'a, 'stacks, 'repository, E> {
    prepared: &'a PreparedDeployment<'stacks, 'repository>,
    engine: &'a E,
    observer: &'a dyn Observer,
    began: Instant,
}

impl<'a, E: Engine + Deployments> Run<'a, '_, '_, E> {
    /// Fails once the work is to end.
    fn stop_if_interrupted(&self) -> Result<(), SwarmError> {
        if self.observer.is_interrupted() {
            return Err(SwarmError::Interrupted);
        }
        match self.prepared.deployment.limit {
            Some(limit) if self.began.elapsed() >= limit => Err(SwarmError::TimedOut { limit }),
            _ => Ok(()),
        }
    }

    /// The top of the work tree, if there is one.
    fn top(&self) -> Option<&'a Path> {
        let deployment = &self.prepared.deployment;
        deployment.repository.work_tree().top()
    }

    /// Takes the turn of each stack, always in the same order, so that two deployments can't wait for each other.
    fn take_turns(&self) -> Result<Vec<Turn<'a, E>>, SwarmError> {
        let desired = self.prepared.deployment.desired();
        let mut names: Vec<&StackName> = desired.iter().map(|stack| &stack.name).collect();
        names.sort();
        let mut turns: Vec<Turn<'a, E>> = Vec::new();
        for name in names {
            let mut meanwhile = || {
                self.stop_if_interrupted()?;
                turns.iter_mut().try_for_each(Turn::keep)
            };
            let mut report = |event: TurnEvent<'_>| {
                self.observer.tell(match event {
                    TurnEvent::Waiting { holder, since } => Event::TurnAwaited {
                        stack: name,
                        holder,
                        since,
                    },
                    TurnEvent::Outlived { holder } => Event::TurnInherited {
                        stack: name,
                        holder,
                    },
                });
            };
            let patience = Patience::default();
            let turn = Turn::take(self.engine, name, patience, &mut meanwhile, &mut report);
            let waiting = format!("waiting for the turn of stack {name}; nothing was done");
            turns.push(turn.map_err(SwarmError::stopped(waiting))?);
        }
        Ok(turns)
    }

    /// Creates what the stacks lack. Gives the records of their deployments, which are kept once docker has deployed them.
    fn create_objects(&self) -> Result<Vec<DeploymentRecord>, SwarmError> {
        let deployment = &self.prepared.deployment;
        let (stacks, history) = (deployment.stacks, deployment.history);
        let inventory = self.engine.inventory_of_services()?;
        let index = inventory.index();
        let plans = plans(stacks, &index);
        let orders = orders(stacks, &plans)?;
        let records = compare_with_last(deployment, &plans, &index, self.observer)?;
        let desired = deployment.desired();
        let (repository, settings) = (deployment.repository, deployment.settings);
        let observer = self.observer;
        report_stack_notices(repository, settings, history, &desired, &index, observer);
        for plan in &plans {
            let reasons = reasons(plan, &index, history);
            if !reasons.is_empty() {
                self.observer.tell(Event::ServiceChanges(&reasons));
            }
        }
        create_all(self.engine, orders, self.observer)?;
        Ok(records)
    }

    fn create_networks(
        &self,
        stop_if_interrupted: &dyn Fn() -> Result<(), SwarmError>,
    ) -> Result<(), SwarmError> {
        let stacks = self.prepared.deployment.stacks.iter();
        let wanted: Vec<ExternalNetwork> = stacks.flat_map(Stack::external_networks).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let missing = missing_networks(self.engine, &wanted)?;
        if missing.is_empty() {
            return Ok(());
        }
        let total = missing.len();
        self.observer.tell(Event::CreatingNetworks { total });
        create_networks(
            self.engine,
            &missing,
            &mut || stop_if_interrupted(),
            &mut |network| {
                self.observer.tell(Event::NetworkCreated(network));
            },
        )
        .map_err(SwarmError::stopped(
            "networks were being made; nothing was deployed yet",
        ))
    }

    /// Has the docker client deploy each stack, and keeps its record. Gives the services to be watched afterwards.
    fn deploy_stacks(
        &self,
        records: &[DeploymentRecord],
        stop_if_interrupted: &dyn Fn() -> Result<(), SwarmError>,
    ) -> Result<Watch, SwarmError> {
        let deployment = &self.prepared.deployment;
        let services = deployment.desired().into_iter().flat_map(|desired| {
            let services = desired.services.iter();
            services.map(|service| desired.name.service_name(&service.name))
        });
        let mut watch = Watch::begin(self.engine, services)?;
        let top = self.top();
        let stacks = deployment.stacks.iter().zip(&self.prepared.handed_over);
        for ((stack, handed_over), record) in stacks.zip(records) {
            let name = &stack.desired().name;
            self.observer.tell(Event::ClientStarted { stack: name });
            let run = &deployment.client;
            let mut report = |line: &str| self.observer.tell(Event::ClientSaid { line });
            let deployed = deploy_stack(
                stack,
                handed_over,
                run,
                top,
                &mut || stop_if_interrupted(),
                &mut report,
            );
            let doing = format!("docker stack deploy {name} was running");
            for service in deployed.map_err(SwarmError::stopped(doing))? {
                watch.add_service(&service);
            }
            let untouched = watch.untouched(self.engine, stack.desired())?;
            if !untouched.is_empty() {
                let (stack, services) = (name.clone(), untouched);
                return Err(ClientError::DidNothing { stack, services }.into());
            }
            self.engine.keep_record(record)?;
            self.observer.tell(Event::Deployed { stack: name });
        }
        watch.deployed();
        Ok(watch)
    }
}
