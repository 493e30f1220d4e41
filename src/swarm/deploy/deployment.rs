//! A deployment that is to be done: of which stacks, in which way.

use std::time::Duration;

use super::client::run::ClientRun;
use crate::repository::{History, Repository};
use crate::stack::{DesiredStack, Settings, Stack};
use crate::swarm::objects::stale::Pruning;

/// Brings stacks to a Swarm and waits until their services run.
///
/// Missing objects and external networks are created; `docker stack deploy` gets the rendered stack file,
/// through pipes and memory only; once every service has converged, stale objects are removed. Deployments of one stack
/// take turns, wherever they run. If anything fails, nothing is removed, and deploying again finishes what was begun.
///
/// ```no_run
/// use hs_secrets::Accepted;
/// use hs_secrets::{
///     ClientRun, Deployment, DockerEngine, Endpoint, Event, Observer, Repository, Settings, StackName, StackQuery,
///     load_stack,
/// };
///
/// /// Hears of each step.
/// struct Log;
///
/// impl Observer for Log {
///     fn tell(&self, event: Event<'_>) {
///         if let Event::Created { kind, name, .. } = event {
///             println!("created {kind} {name}");
///         }
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let environment = |name: &str| std::env::var(name).ok();
/// let repository = Repository::open("/srv/stacks.git".as_ref())?;
/// let commit = repository.commit("main")?;
/// let settings = Settings::load(&repository, Some("main"))?;
/// let query = StackQuery {
///     name: StackName::parse("web")?,
///     files: Vec::new(),
///     revision: Some("main".to_owned()),
///     accepted: Accepted::default(),
///     environment: &environment,
/// };
/// let stacks = [load_stack(&repository, &settings, &query)?];
/// let deployment = Deployment {
///     repository: &repository,
///     settings: &settings,
///     history: &repository.history(Some(commit)),
///     stacks: &stacks,
///     client: ClientRun::default(),
///     limit: None,
///     pruning: None,
///     force: false,
/// };
/// let engine = DockerEngine::connect(&Endpoint::find(None, None, &environment)?, |_| {})?;
/// deployment.prepare()?.run(&engine, &Log)?;
/// # Ok(())
/// # }
/// ```
pub struct Deployment<'a, 'repository> {
    /// Where the stacks were read from.
    pub repository: &'repository Repository,
    /// The settings that they were read with.
    pub settings: &'a Settings,
    /// The history that ends with the revision in hand.
    pub history: &'a History<'repository>,
    /// The stacks to deploy.
    pub stacks: &'a [Stack<'repository>],
    /// The way to run the docker client.
    pub client: ClientRun,
    /// How long the deployment may take; `None` for ever.
    pub limit: Option<Duration>,
    /// The pruning at the end, if there is to be one.
    pub pruning: Option<Pruning<'a>>,
    /// True to deploy even if the Swarm runs the stacks from commits that this repository does not have.
    pub force: bool,
}

impl<'a> Deployment<'a, '_> {
    pub(super) fn desired(&self) -> Vec<&'a DesiredStack> {
        self.stacks.iter().map(Stack::desired).collect()
    }
}
