//! What the commands say of a repository's stacks before they ask Docker anything.

use std::fs;

use crate::harness::sandbox::Sandbox;

#[test]
fn a_repository_without_stacks_is_an_error_and_not_nothing_to_do() {
    let sandbox = Sandbox::new();
    let empty = sandbox.repository("empty");
    fs::write(empty.join("notes.yml"), "todo: []\n").unwrap();
    for verb in ["sync", "plan", "prune", "ls"] {
        sandbox
            .hs(&empty, [verb])
            .fails_saying(&["no stacks here: looked for NAME/stack.yml, stacks/NAME.yml"]);
    }
}
