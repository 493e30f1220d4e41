//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit framework.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox};
use crate::{PASSWORD, add_all, commit_all, repository, write};

#[test]
#[ignore = "needs pre-commit: tests/run.sh"]
fn the_framework_stops_a_leak_in_a_commit_and_in_its_message() {
    let sandbox = Sandbox::new();
    let repository = with_framework(&sandbox);
    write(&repository, "notes.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    // The framework hides unstaged changes while its hooks run.
    write(&repository, "README.md", "# Not staged\n");
    let run = sandbox.git(&repository, ["commit", "-m", "notes"]);
    refused(&run, "notes.md:1:1: [known-secret]");
    write(&repository, "notes.md", "nothing\n");
    sandbox.git(&repository, ["add", "notes.md"]).succeeds();
    let message = format!("notes\n\nwith {PASSWORD}");
    let run = sandbox.git(&repository, ["commit", "-m", &message]);
    refused(&run, "the commit message:3:6: [known-secret]");
    let run = sandbox.git(&repository, ["commit", "-m", "notes"]);
    run.succeeds();
    let readme = fs::read_to_string(repository.join("README.md")).expect("a file");
    assert_eq!(readme, "# Not staged\n");
}

#[test]
#[ignore = "needs pre-commit: tests/run.sh"]
fn the_framework_checks_each_commit_of_a_push() {
    let sandbox = Sandbox::new();
    let repository = with_framework(&sandbox);
    let remote = ["init", "--quiet", "--bare", "../remote"];
    sandbox.git(&repository, remote).succeeds();
    let add = ["remote", "add", "origin", "../remote"];
    sandbox.git(&repository, add).succeeds();
    leak_and_remove(&sandbox, &repository);
    // If all commits are new to the remote, the framework passes no commit.
    let push = |what: &str| sandbox.git(&repository, ["push", "origin", what]);
    refused(&push("main"), "oops.md:1:1 (");
    reset(&sandbox, &repository, "HEAD~2");
    push("main").succeeds();
    leak_and_remove(&sandbox, &repository);
    refused(&push("main"), "oops.md:1:1 (");
    refused(&push("main:new"), "oops.md:1:1 (");
    reset(&sandbox, &repository, "HEAD~2");
    commit_all(&sandbox, &repository, "harmless");
    push("main:new").succeeds();
    push("main").succeeds();
}

#[test]
#[ignore = "needs pre-commit: tests/run.sh"]
fn run_by_hand_the_push_hook_checks_what_is_not_pushed_yet() {
    let sandbox = Sandbox::new();
    let repository = with_framework(&sandbox);
    leak_and_remove(&sandbox, &repository);
    let run = ["run", "--hook-stage", stage(&sandbox, "pre-push")];
    let run = sandbox.run(&repository, "pre-commit", run, b"");
    refused(&run, "oops.md:1:1 (");
}

/// A repository with this project's hooks. They run the installed program, which is the one under test.
fn with_framework(sandbox: &Sandbox) -> PathBuf {
    let hooks = sandbox.repository("hooks");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let mut text = fs::read_to_string(own).expect("the project's hooks");
    for name in ["pre-commit", "pre-push"] {
        let stages = format!("stages: [{name}]");
        assert!(text.contains(&stages), "{text}");
        text = text.replace(&stages, &format!("stages: [{}]", stage(sandbox, name)));
    }
    write(&hooks, ".pre-commit-hooks.yaml", text);
    commit_all(sandbox, &hooks, "the hooks");
    let revision = sandbox.git(&hooks, ["rev-parse", "HEAD"]).text();
    let repository = repository(sandbox);
    write(
        &repository,
        ".pre-commit-config.yaml",
        format!(
            "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: hs-secrets-system\n  - id: hs-secrets-message-system\n  - id: hs-secrets-push-system\n",
            hooks.display(),
            revision.trim()
        ),
    );
    commit_all(sandbox, &repository, "the framework");
    let types = ["-t", "pre-commit", "-t", "commit-msg", "-t", "pre-push"];
    let install = [&["install"][..], &types].concat();
    sandbox
        .run(&repository, "pre-commit", install, b"")
        .succeeds();
    repository
}

/// The name of a stage in the installed framework. Before version 3.2, two stages had other names.
fn stage(sandbox: &Sandbox, name: &'static str) -> &'static str {
    let version = sandbox.run(&sandbox.path(""), "pre-commit", ["--version"], b"");
    let version = version.succeeds().text();
    let mut numbers = version
        .trim()
        .rsplit(' ')
        .next()
        .into_iter()
        .flat_map(|numbers| numbers.split('.'))
        .map(|number| number.parse::<u32>().expect("a version"));
    let old = (numbers.next(), numbers.next()) < (Some(3), Some(2));
    match name {
        "pre-commit" if old => "commit",
        "pre-push" if old => "push",
        name => name,
    }
}

fn leak_and_remove(sandbox: &Sandbox, repository: &Path) {
    write(repository, "oops.md", format!("{PASSWORD}\n"));
    add_all(sandbox, repository);
    let unchecked = ["commit", "--quiet", "--no-verify", "-m", "oops"];
    sandbox.git(repository, unchecked).succeeds();
    let remove = ["rm", "--quiet", "oops.md"];
    sandbox.git(repository, remove).succeeds();
    let commit = ["commit", "--quiet", "-m", "removed"];
    sandbox.git(repository, commit).succeeds();
}

fn reset(sandbox: &Sandbox, repository: &Path, to: &str) {
    let reset = ["reset", "--quiet", "--hard", to];
    sandbox.git(repository, reset).succeeds();
}

#[track_caller]
fn refused(run: &Run, saying: &str) {
    let said = format!("{}{}", run.text(), run.stderr);
    assert_ne!(run.code, 0, "{said}");
    assert!(said.contains(saying), "{said}");
}
