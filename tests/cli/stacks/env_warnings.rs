//! `env` warns of what `docker stack deploy` would do wrong even with these variables.

use std::fs;
use std::path::PathBuf;

use crate::harness::sandbox::Sandbox;

const STACK: &str = "\
version: '3.8'
services: {}
secrets:
  password:
    file: secret/password
    name: password-${PASSWORD}
";

/// A repository with the stack `web`, committed, and a locked clone of it.
fn lab_and_clone(sandbox: &Sandbox, stack: &str) -> [PathBuf; 2] {
    let lab = sandbox.repository("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    for (path, text) in [
        (
            ".gitattributes",
            "**/secret/** filter=git-crypt diff=git-crypt\n",
        ),
        ("web/stack.yml", stack),
        ("web/secret/password", "hunter2\n"),
        ("web/nginx.conf", "worker_processes 1;\n"),
    ] {
        fs::create_dir_all(lab.join(path).parent().expect("a path in the lab")).expect("a folder");
        fs::write(lab.join(path), text).expect("a file");
    }
    sandbox.git(&lab, ["add", "--all"]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "--message", "lab"])
        .succeeds();
    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", "lab", "clone"])
        .succeeds();
    [lab, sandbox.path("clone")]
}

#[test]
fn ciphertext_in_the_work_tree_would_be_published() {
    let sandbox = Sandbox::new();
    let [lab, clone] = lab_and_clone(&sandbox, STACK);
    let env = ["env", "--export", "web"];
    let unlocked = sandbox.hs(&lab, env).succeeds();
    assert_eq!(unlocked.stderr, "");
    let at_commit = ["env", "--export", "web", "--rev", "HEAD"];
    for arguments in [&env[..], &at_commit] {
        let locked = sandbox.hs(&clone, arguments).succeeds();
        assert_eq!(locked.text(), unlocked.text());
        let told = &locked.stderr;
        assert!(
            told.contains("warning: `docker stack deploy` would publish"),
            "{told}"
        );
        assert!(
            told.contains("encrypted") && told.contains("web/secret/password"),
            "{told}"
        );
        assert!(
            told.contains("`unlock KEYFILE` first") && told.contains("`render`"),
            "{told}"
        );
    }
}

#[test]
fn entries_without_a_variable_would_be_unversioned() {
    let sandbox = Sandbox::new();
    let stack = format!("{STACK}configs:\n  conf:\n    file: nginx.conf\n");
    let [lab, _] = lab_and_clone(&sandbox, &stack);
    let told = sandbox.hs(&lab, ["env", "web"]).succeeds().stderr;
    assert!(
        told.contains("without a `name:` unversioned: config `conf` (web/stack.yml:9)\n"),
        "{told}"
    );
    assert!(!told.contains("password"), "{told}");
}
