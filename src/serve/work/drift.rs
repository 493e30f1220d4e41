//! Compares the Swarm with the commit that was deployed last. A stack with `heal` is then deployed again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::context::WorkContext;
use super::run_error::RunError;
use crate::repository::Repository;
use crate::serve::log::LogLevel;
use crate::serve::runs::{Cause, RunRequest, RunState};
use crate::serve::settings::ServedStack;
use crate::stack::{self, Settings};
use crate::swarm::{DockerEngine, Engine as _, field_changes, plans};

/// The differences that were found last, by stack name.
#[derive(Default)]
pub(super) struct Drifts {
    found: Mutex<BTreeMap<String, Vec<String>>>,
    /// The differences for which a deployment was started, by stack name. It is not started twice for the same
    /// differences: docker may be unable to remove them.
    healed: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Drifts {
    /// The differences of a stack at the last look.
    pub(super) fn of(&self, stack: &str) -> Vec<String> {
        lock(&self.found).get(stack).cloned().unwrap_or_default()
    }

    /// Compares all stacks about every `interval` until the service is to end.
    pub(super) fn look(&self, context: &WorkContext, interval: Duration) {
        context.repeat_every(interval, "looking for drift", || {
            let stacks = context.parts.settings.stacks.iter();
            stacks.for_each(|stack| self.look_at(context, stack));
        });
    }

    fn look_at(&self, context: &WorkContext, stack: &ServedStack) {
        let name = stack.name.as_str();
        let is_idle = || {
            let newest = |state: &RunState| matches!(state, RunState::Ended(_));
            let book = &context.parts.book;
            book.read(|queue| {
                queue
                    .runs()
                    .newest_of(name)
                    .is_some_and(|(_, run)| newest(&run.state))
            })
        };
        if !is_idle() {
            return;
        }
        let (commit, found) = match differences(context, stack) {
            Ok(Some(found)) => found,
            // The stack was not deployed yet, or by somebody else from a commit that is not in the clone.
            Ok(None) => return,
            Err(error) => {
                let text = format!("looking for drift of stack {name} failed: {error}");
                return context.write_log(LogLevel::Warning, &text);
            }
        };
        if !is_idle() {
            return;
        }
        let before = lock(&self.found).insert(name.to_owned(), found.clone());
        if found.is_empty() {
            lock(&self.healed).remove(name);
            return;
        }
        if before.as_ref() != Some(&found) {
            let text = format!(
                "stack {name} is not as its commit says: {}",
                found.join("; ")
            );
            context.write_log(LogLevel::Warning, &text);
        }
        let is_tried = lock(&self.healed).get(name) == Some(&found);
        if stack.heal && !is_tried {
            lock(&self.healed).insert(name.to_owned(), found);
            context.accept([RunRequest {
                target: name.to_owned(),
                commit: Some(commit),
                delivery: None,
                because: Cause::Drift,
            }]);
        }
    }
}

fn lock<Held>(mutex: &Mutex<Held>) -> MutexGuard<'_, Held> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The commit that was deployed last, by this service or by somebody else, and the differences from it. `None` if the
/// clone lacks that commit, or if its deployment has not succeeded.
fn differences(
    context: &WorkContext,
    stack: &ServedStack,
) -> Result<Option<(String, Vec<String>)>, RunError> {
    let clone = context.clone_of(stack);
    if !clone.is_there() {
        return Ok(None);
    }
    let engine = DockerEngine::connect(&context.parts.docker.endpoint, |_| {})?;
    let inventory = engine.inventory_of_services()?;
    let index = inventory.index();
    let record = index.record(&stack.name).filter(|last| last.has_converged);
    let Some(commit) = record.and_then(|last| last.commit.clone()) else {
        return Ok(None);
    };
    let repository = Repository::open(clone.directory())?;
    if repository.commit(&commit).is_err() {
        return Ok(None);
    }
    let settings = Settings::load(&repository, Some(&commit))?;
    let query = context.parts.docker.query(&stack.name, &commit);
    let stacks = [stack::load(&repository, &settings, &query)?];
    let [read] = &stacks;
    let mut found = Vec::new();
    for plan in plans(&stacks, &index) {
        let missing = plan.create.iter();
        found.extend(missing.map(|object| format!("{} {} is missing", object.kind, object.name)));
        let changes = plan.changes.iter();
        found.extend(changes.map(|change| {
            format!(
                "service {} uses another {} {}",
                change.service, change.kind, change.entry
            )
        }));
    }
    let there = engine.service_fields()?;
    let wanted = read.service_fields(&|name| (context.parts.docker.environment)(name))?;
    for service in &read.desired().services {
        let name = stack.name.service_name(&service.name);
        let Some(there) = there.get(&name) else {
            found.push(format!("service {name} is missing"));
            continue;
        };
        if let Some(wanted) = wanted.services.get(&name) {
            let changes = field_changes(wanted, there).into_iter();
            found.extend(changes.map(|change| format!("service {name}: {change}")));
        }
    }
    Ok(Some((commit, found)))
}
