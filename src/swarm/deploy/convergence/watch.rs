//! Watches services until each has converged or can't.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::converge::{Observed, converged};
use super::state::{Breakage, Doing, Progress, State};
use crate::stack::DesiredStack;
use crate::swarm::engine::{Deployments, EngineError};
use crate::swarm::error::SwarmError;
use crate::swarm::observed::service::{Mode, ServiceState, TaskPhase};

/// How long to wait before asking the engine again. It lists services and tasks in some milliseconds.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// The services that a deployment watches, and what was seen of them before it and since.
pub struct Watch {
    names: Vec<String>,
    versions_before: BTreeMap<String, u64>,
    over_before: BTreeSet<String>,
    running_before: BTreeSet<String>,
    modes_before: BTreeMap<String, Mode>,
    tasks_before: BTreeSet<String>,
    seen: BTreeMap<String, (TaskPhase, Instant)>,
    began: Instant,
}

/// A watched service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its name, that of the stack included.
    pub service: String,
    /// Its state at the last look.
    pub state: State,
    /// True if tasks of it were made, or another number of them is wanted, since the watch began.
    pub is_changed: bool,
}

impl Watch {
    /// Looks at the services before they are deployed. Tasks that run already count as settled, and tasks that have failed
    /// already are ignored.
    pub fn begin(
        engine: &impl Deployments,
        names: impl IntoIterator<Item = String>,
    ) -> Result<Self, EngineError> {
        let mut watch = Self {
            names: names.into_iter().collect(),
            versions_before: BTreeMap::new(),
            over_before: BTreeSet::new(),
            running_before: BTreeSet::new(),
            modes_before: BTreeMap::new(),
            tasks_before: BTreeSet::new(),
            seen: BTreeMap::new(),
            began: Instant::now(),
        };
        let services = engine.services()?;
        let versions = services.iter();
        watch.versions_before = versions
            .map(|service| (service.name.clone(), service.version))
            .collect();
        let modes = services.iter();
        watch.modes_before = modes
            .map(|service| (service.name.clone(), service.mode))
            .collect();
        for task in services.into_iter().flat_map(|service| service.tasks) {
            watch.tasks_before.insert(task.id.clone());
            if task.phase.is_over() {
                watch.over_before.insert(task.id);
            } else if task.phase == TaskPhase::Running {
                watch.running_before.insert(task.id);
            }
        }
        Ok(watch)
    }

    /// Adds a service to watch, such as one from a file of the user's own.
    pub fn add_service(&mut self, service: &str) {
        if !self.names.iter().any(|known| known == service) {
            self.names.push(service.to_owned());
        }
    }

    /// The services of a stack that were not created or updated since. Docker updates each of them, even if nothing changes.
    pub(crate) fn untouched(
        &self,
        engine: &impl Deployments,
        stack: &DesiredStack,
    ) -> Result<Vec<String>, EngineError> {
        if stack.services.is_empty() {
            return Ok(Vec::new());
        }
        let now = engine.services()?;
        let is_touched = |name: &String| {
            let mut now = now.iter();
            now.any(|service| {
                service.name == *name && self.versions_before.get(name) != Some(&service.version)
            })
        };
        let services = stack.services.iter();
        let names = services.map(|service| stack.name.service_name(&service.name));
        Ok(names.filter(|name| !is_touched(name)).collect())
    }

    /// Notes that the services were deployed. Their time is counted from now on.
    pub fn deployed(&mut self) {
        self.began = Instant::now();
    }

    /// Looks at all services once.
    pub fn look(&mut self, engine: &impl Deployments) -> Result<Vec<Watched>, EngineError> {
        let services = engine.services()?;
        let names = self.names.clone();
        let services: HashMap<&str, &ServiceState> = services
            .iter()
            .map(|service| (service.name.as_str(), service))
            .collect();
        let state = |name: String| {
            let service = services.get(name.as_str());
            let gone = State::Broken(Breakage::Gone);
            Watched {
                is_changed: service.is_none_or(|service| self.is_changed(service)),
                state: service.map_or(gone, |service| self.state_of(service)),
                service: name,
            }
        };
        Ok(names.into_iter().map(state).collect())
    }

    /// Looks again and again until nothing is left to wait for. `report` is called after each look. `meanwhile` is called before each, and
    /// fails once the work is to end.
    pub fn wait(
        mut self,
        engine: &impl Deployments,
        meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
        report: &mut dyn FnMut(&[Watched]),
    ) -> Result<Vec<Watched>, SwarmError> {
        let mut last = Vec::new();
        loop {
            if let Err(stopped) = meanwhile() {
                if last.is_empty() {
                    return Err(SwarmError::stopped("services were to be waited for")(
                        stopped,
                    ));
                }
                return Err(SwarmError::NotConverged {
                    waiting: waiting(&last),
                    broken: broken(&last),
                    stacks: Vec::new(),
                    source: Some(Box::new(stopped)),
                });
            }
            last = self.look(engine)?;
            report(&last);
            let undecided = last
                .iter()
                .any(|watched| matches!(watched.state, State::Waiting(_)));
            if !undecided {
                let broken = broken(&last);
                if broken.is_empty() {
                    return Ok(last);
                }
                return Err(SwarmError::NotConverged {
                    waiting: Vec::new(),
                    broken,
                    stacks: Vec::new(),
                    source: None,
                });
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }

    fn is_changed(&self, service: &ServiceState) -> bool {
        let mut tasks = service.tasks.iter();
        self.modes_before.get(&service.name) != Some(&service.mode)
            || tasks.any(|task| !self.tasks_before.contains(&task.id))
    }

    fn state_of(&mut self, service: &ServiceState) -> State {
        let now = Instant::now();
        let mut seen_for = BTreeMap::new();
        for task in &service.tasks {
            let seen = self.seen.entry(task.id.clone());
            let seen = seen.or_insert((task.phase, now));
            if seen.0 != task.phase {
                *seen = (task.phase, now);
            }
            let before = (task.phase == TaskPhase::Running
                && self.running_before.contains(&task.id))
                || self.over_before.contains(&task.id);
            let duration = if before {
                Duration::MAX
            } else {
                now.duration_since(seen.1)
            };
            seen_for.insert(task.id.clone(), duration);
        }
        converged(&Observed {
            service,
            seen_for: &seen_for,
            over_before: &self.over_before,
            watched_for: now.duration_since(self.began),
        })
    }
}

fn broken(watched: &[Watched]) -> Vec<(String, Breakage)> {
    let broken = watched.iter().filter_map(|watched| match &watched.state {
        State::Broken(breakage) => Some((watched.service.clone(), breakage.clone())),
        State::Waiting(_) | State::Converged(_) => None,
    });
    broken.collect()
}

/// The services that have not converged yet, with their states in words. Those that something holds come first.
fn waiting(watched: &[Watched]) -> Vec<(String, String)> {
    let waiting = watched.iter().filter_map(|watched| match &watched.state {
        State::Waiting(progress) => Some((watched, progress)),
        State::Broken(_) | State::Converged(_) => None,
    });
    let is_held = |(_, progress): &(&Watched, &Progress)| matches!(progress.doing, Doing::Held(_));
    let (held, others): (Vec<_>, Vec<_>) = waiting.partition(is_held);
    let both = held.into_iter().chain(others);
    both.map(|(watched, progress)| (watched.service.clone(), progress.to_string()))
        .collect()
}
