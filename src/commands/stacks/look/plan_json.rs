//! A plan as JSON.

use serde::Serialize;

use super::compared_services::ComparedServices;
use super::planned_work::PlannedWork;
use crate::commands::Context;
use crate::failure::Failure;
use crate::repository::CommitLine;
use crate::stack::{ObjectKind, StackObject};
use crate::swarm::{Obstacle, SwarmObject, UpdateReason};

/// Prints the work for all stacks.
pub(super) fn print(context: &Context, works: &[PlannedWork<'_>]) -> Result<(), Failure> {
    let stacks = works.iter().map(StackJson::new);
    context.terminal.json(&stacks.collect::<Vec<_>>())
}

#[derive(Serialize)]
struct StackJson<'a> {
    stack: &'a str,
    create: Vec<ObjectJson<'a>>,
    present: Vec<ObjectJson<'a>>,
    restart: Vec<RestartJson<'a>>,
    remove: Vec<NameJson<'a>>,
    obstacles: Vec<String>,
    services: ServicesJson<'a>,
    networks: NetworksJson<'a>,
    deployment: DeploymentJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a ComparedServices>,
}

#[derive(Serialize)]
struct ObjectJson<'a> {
    kind: ObjectKind,
    key: &'a str,
    name: &'a str,
    version: &'a str,
    path: &'a str,
    blob: &'a str,
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct RestartJson<'a> {
    service: &'a str,
    kind: ObjectKind,
    key: &'a str,
    path: Option<&'a str>,
    before: &'a [String],
    after: Option<&'a str>,
    commits: &'a [CommitLine],
}

#[derive(Serialize)]
struct NameJson<'a> {
    kind: ObjectKind,
    name: &'a str,
}

#[derive(Serialize)]
struct ServicesJson<'a> {
    create: &'a [String],
    run_again: &'a [String],
    not_in_stack: &'a [String],
}

#[derive(Serialize)]
struct NetworksJson<'a> {
    create: Vec<&'a str>,
}

/// The last deployment, and those of its inputs that have changed since.
#[derive(Serialize)]
struct DeploymentJson<'a> {
    recorded: bool,
    commit: Option<&'a str>,
    converged: Option<bool>,
    changed_files: &'a [String],
    changed_variables: &'a [String],
}

impl<'a> StackJson<'a> {
    fn new(work: &'a PlannedWork<'_>) -> Self {
        let object = |object: &'a StackObject| ObjectJson {
            kind: object.kind,
            key: &object.entry,
            name: object.name.as_str(),
            version: object.version.as_str(),
            path: &object.origin.path,
            blob: &object.origin.blob,
            commit: object.origin.commit.as_deref(),
        };
        let restart = |reason: &'a UpdateReason| RestartJson {
            service: &reason.change.service,
            kind: reason.change.kind,
            key: &reason.change.entry,
            path: reason.change.path.as_deref(),
            before: &reason.change.before,
            after: reason.change.after.as_deref(),
            commits: &reason.commits,
        };
        let remove = |object: &'a SwarmObject| NameJson {
            kind: object.kind,
            name: &object.name,
        };
        let plan = &work.plan;
        let difference = &work.difference;
        let last = difference.last.as_ref();
        Self {
            stack: plan.stack.as_str(),
            create: plan.create.iter().map(object).collect(),
            present: plan.present.iter().map(object).collect(),
            restart: work.reasons.iter().map(restart).collect(),
            remove: work.stale.iter().map(remove).collect(),
            obstacles: plan.obstacles.iter().map(Obstacle::to_string).collect(),
            services: ServicesJson {
                create: &difference.new_services,
                run_again: &difference.jobs,
                not_in_stack: &difference.surplus_services,
            },
            networks: NetworksJson {
                create: work.networks.iter().map(|network| &*network.name).collect(),
            },
            deployment: DeploymentJson {
                recorded: last.is_some(),
                commit: last.and_then(|last| last.commit.as_deref()),
                converged: last.map(|last| last.has_converged),
                changed_files: &difference.changed_files,
                changed_variables: &difference.changed_variables,
            },
            diff: work.compared.as_ref(),
        }
    }
}
