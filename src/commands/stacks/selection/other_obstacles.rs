//! Finds further obstacles to a deployment if some of its stacks can't be read.

use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::Stack;
use crate::swarm::{ClientRun, ask_docker};

/// The reasons why one of these stacks can't be rendered, or one of its `env_file`s can't be read, and docker's objections to the
/// stacks. Leaves out objections that are already in `failures`.
pub(crate) fn other_obstacles(
    stacks: &[Stack<'_>],
    failures: &[Failure],
    run: &ClientRun,
    repository: &Repository,
) -> Vec<Failure> {
    let mut found = Vec::new();
    for stack in stacks {
        found.extend(stack.render().err().map(Failure::from));
        found.extend(stack.deployment_input().err().map(Failure::from));
    }
    let stacks: Vec<&Stack<'_>> = stacks.iter().collect();
    let reported = failures.iter().flat_map(Failure::lines);
    let reported: Vec<String> = reported.map(str::to_owned).collect();
    let objections = ask_docker(&stacks, &reported, run, repository.work_tree().top());
    found.extend(objections.err().map(Failure::from));
    found
}
