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

#[test]
fn an_error_is_one_line_whatever_a_name_holds() {
    let sandbox = Sandbox::new();
    let lab = sandbox.repository("lab");
    let stack =
        "services: {}\nsecrets:\n  a:\n    file: \"secret/\\e[31m\\nhs-secrets: error: fake\"\n";
    fs::write(lab.join("web.yml"), stack).unwrap();
    for verb in ["env", "render", "plan"] {
        let told = sandbox.hs(&lab, [verb, "web"]);
        let escaped = r"secret/\u{1b}[31m\nhs-secrets: error: fake does not exist";
        assert!(told.stderr.contains(escaped), "{}", told.stderr);
        let errors = told
            .stderr
            .lines()
            .filter(|line| line.starts_with("hs-secrets: error: "));
        assert_eq!((told.code, errors.count()), (1, 1), "{}", told.stderr);
    }
}
