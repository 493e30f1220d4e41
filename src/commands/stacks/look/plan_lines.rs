//! Prints a plan as lines: one for each object and each service.

use super::planned_work::PlannedWork;
use crate::commands::Context;
use crate::commands::stacks::publish::creation;
use crate::commands::stacks::removal::stale::describe;
use crate::commands::stacks::reporting::reasons::{commit_lines, commits_of, service_lines};
use crate::commands::stacks::reporting::several::several;
use crate::commands::stacks::reporting::short_id::short;
use crate::failure::Failure;
use crate::stack::ExternalNetwork;
use crate::swarm::{DeploymentDifference, ServicePruning, UpdateReason};
use crate::terminal::Colour;

/// Prints what is to be done.
pub(super) fn show(context: &Context, work: &PlannedWork<'_>) -> Result<(), Failure> {
    let terminal = &context.terminal;
    let line = |colour, verb: &str, rest: String| terminal.coloured_line(colour, verb, &rest);
    let stack = &work.plan.stack;
    for object in &work.plan.create {
        line(Colour::Green, "create", creation::describe(object))?;
    }
    for ExternalNetwork { name, place } in &work.networks {
        let network = format!("network {name} (overlay, attachable; {place})");
        line(Colour::Green, "create", network)?;
    }
    let difference = &work.difference;
    for service in &difference.new_services {
        line(Colour::Green, "create", format!("service {service}"))?;
    }
    let versions = |reason: &UpdateReason| {
        let change = &reason.change;
        let shown = |name: &String| work.shown_version(change, name);
        let before = change.before.iter().map(shown).collect();
        (before, change.after.as_ref().map(shown))
    };
    for (service, changes) in service_lines(&work.reasons, &versions) {
        let rest = format!("service {service}: {changes}");
        line(Colour::Yellow, "restart", rest)?;
    }
    for commit in commit_lines(&commits_of(&work.reasons)) {
        terminal.line(format_args!("  {commit}"))?;
    }
    if let Some(why) = why_update(difference) {
        line(Colour::Yellow, "update", format!("stack {stack}: {why}"))?;
    }
    if let Some(compared) = &work.compared {
        compared.show(context)?;
    }
    if !work.is_none() {
        for job in &difference.jobs {
            let rest = format!("job {job} again, as each deployment does");
            line(Colour::Yellow, "run", rest)?;
        }
    }
    for object in &work.stale {
        line(Colour::Red, "remove", describe(object))?;
    }
    for service in &difference.surplus_services {
        let word = match work.service_pruning {
            ServicePruning::Off => {
                terminal.info(format_args!(
                    "service {service} is not in the stack's files and stays; `deploy {stack} -- --prune` removes it"
                ));
                continue;
            }
            ServicePruning::On => format!("service {service}"),
            ServicePruning::WithOtherFiles => {
                format!("service {service}, unless a file behind `-c` has it")
            }
        };
        line(Colour::Red, "remove", word)?;
    }
    Ok(())
}

/// The reason why a deployment would change services even if no secret or config changes.
fn why_update(difference: &DeploymentDifference) -> Option<String> {
    let last = difference.last.as_ref()?;
    let changed = difference.changed_input();
    let deployed = match last.commit_id() {
        Some(commit) => format!("commit {} was deployed", short(commit, 7)),
        None => "it was deployed".to_owned(),
    };
    if changed.is_empty() {
        return difference
            .is_unfinished()
            .then(|| format!("not all services converged after {deployed}"));
    }
    let services = &difference.services_with_variables;
    let used = if services.is_empty() {
        String::new()
    } else {
        format!(" (variables used by {})", several(services))
    };
    Some(format!(
        "changed since {deployed}: {}{used}",
        several(&changed)
    ))
}

/// Says that there is nothing to do, and what stays unknown about stacks without a record of their last deployment.
pub(super) fn nothing_to_do(context: &Context, works: &[PlannedWork<'_>]) -> Result<(), Failure> {
    let unrecorded = works.iter().filter(|work| work.is_unrecorded());
    let unrecorded: Vec<&str> = unrecorded.map(|work| work.plan.stack.as_str()).collect();
    let terminal = &context.terminal;
    if unrecorded.is_empty() {
        return terminal.line("nothing to do");
    }
    terminal.info(format_args!(
        "changes of a stack file or an `env_file` are not seen until a `deploy` has recorded them: {}",
        unrecorded.join(", ")
    ));
    terminal.line("nothing to do for secrets and configs")
}
