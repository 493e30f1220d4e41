//! Compares a deployment with its sources and with the deployment before it.

use super::commits_ahead::commits_ahead;
use super::deployment::Deployment;
use super::difference::DeploymentDifference;
use crate::stack::{Stack, StackError};
use crate::swarm::error::SwarmError;
use crate::swarm::objects::plan::Plan;
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::record::DeploymentRecord;
use crate::swarm::observer::{Event, Observer};

/// Tells of uncommitted files, unset variables, changed inputs, and objects that would go back to an older commit.
/// Refuses to replace objects from commits that this repository lacks. Returns the records of the new deployments.
pub(crate) fn compare_with_last(
    deployment: &Deployment<'_, '_>,
    plans: &[Plan],
    index: &InventoryIndex<'_>,
    observer: &dyn Observer,
) -> Result<Vec<DeploymentRecord>, SwarmError> {
    let repository = deployment.repository;
    let is_here = |commit: &str| repository.commit(commit).is_ok();
    let (mut records, mut ahead) = (Vec::new(), Vec::new());
    for (stack, plan) in deployment.stacks.iter().zip(plans) {
        report_sources(stack, observer)?;
        let difference = DeploymentDifference::of(stack, index)?;
        let (changed, last) = (difference.changed_input(), difference.last.as_ref());
        if !changed.is_empty() {
            observer.tell(Event::InputChanged {
                stack: &plan.stack,
                changed: &changed,
                since: last.and_then(DeploymentRecord::commit_id),
            });
        }
        ahead.extend(commits_ahead(
            plan,
            &difference,
            index,
            deployment.history,
            &is_here,
        ));
        records.push(DeploymentRecord {
            stack: plan.stack.clone(),
            commit: stack.commit_in_hand()?,
            has_converged: false,
            last_converged: difference.last.and_then(|last| last.last_converged),
            input: stack.deployment_input()?,
        });
    }
    // Not refused in a shallow clone: it lacks most commits, and could never deploy.
    let may_be_old = !deployment.force && !repository.commits().is_shallow();
    if may_be_old && ahead.iter().any(|commit| !commit.is_here) {
        ahead.retain(|commit| !commit.is_here);
        return Err(SwarmError::StaleClone { commits: ahead });
    }
    for commit in &ahead {
        observer.tell(Event::CommitAhead(commit));
    }
    Ok(records)
}

/// Says which files of a stack are not committed, and which of its variables are not set.
pub(crate) fn report_sources(stack: &Stack<'_>, observer: &dyn Observer) -> Result<(), StackError> {
    let files = stack.uncommitted_files()?;
    if !files.is_empty() {
        observer.tell(Event::Uncommitted {
            stack: &stack.desired().name,
            files: &files,
        });
    }
    for (place, name) in stack.unset_variables() {
        observer.tell(Event::UnsetVariable {
            name: &name,
            place: &place,
        });
    }
    Ok(())
}
