//! What the commands say of a repository's stacks before they ask Docker anything.

use std::fs;
use std::path::Path;

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

#[test]
fn what_git_refuses_comes_with_a_next_step() {
    let sandbox = Sandbox::new();
    let top = sandbox.path("");
    let hint = |directory: &Path, arguments: &[&str], parts: &[&str], hint: &str| {
        let told = sandbox.hs(directory, arguments).fails_saying(parts);
        assert!(told.stderr.contains(hint), "{}", told.stderr);
    };
    let lab = sandbox.repository("lab");
    fs::create_dir(lab.join("web")).unwrap();
    fs::write(lab.join("web/stack.yml"), "services: {}\n").unwrap();
    for arguments in [
        &["add", "--all"][..],
        &["commit", "--quiet", "--message", "lab"],
        &["config", "uploadpack.allowFilter", "true"],
    ] {
        sandbox.git(&lab, arguments).succeeds();
    }
    let no_commit = ["`HEAD:web` failed: it is there, but is no commit"];
    sandbox
        .hs(&lab, ["env", "web", "--rev", "HEAD:web"])
        .fails_saying(&no_commit);
    let url = format!("file://{}", lab.display());
    let clone = [
        "clone",
        "--quiet",
        "--bare",
        "--filter=blob:none",
        &url,
        "part",
    ];
    sandbox.git(&top, clone).succeeds();
    let arguments = ["env", "web", "--rev", "HEAD"];
    let missing = ["error: web/stack.yml: reading the blob"];
    hint(
        &sandbox.path("part"),
        &arguments,
        &missing,
        "hint: in a partial clone",
    );
}
