//! `doctor`: one screen about everything that the program depends on, with the commands that fix what is wrong.

use std::fs;
use std::path::PathBuf;

use crate::harness::sandbox::Sandbox;

fn repository(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("repository");
    let attributes = "*.key filter=git-crypt diff=git-crypt merge=git-crypt\n";
    fs::write(repository.join(".gitattributes"), attributes).expect("a file");
    fs::write(repository.join("api.key"), "secret\n").expect("a file");
    sandbox.hs(&repository, ["init"]).succeeds();
    sandbox.git(&repository, ["add", "."]).succeeds();
    let commit = ["commit", "--quiet", "-m", "all"];
    sandbox.git(&repository, commit).succeeds();
    repository
}

#[test]
fn a_good_repository_is_well() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let without_hooks = sandbox.hs(&repository, ["doctor"]).succeeds().text();
    assert!(
        without_hooks.contains("Could be better:"),
        "{without_hooks}"
    );
    assert!(without_hooks.contains("`install-hooks`"), "{without_hooks}");
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    sandbox
        .hs(&repository, ["export-key", "../default.key"])
        .succeeds();
    let text = sandbox.hs(&repository, ["doctor"]).succeeds().text();
    assert!(text.ends_with("\nAll is well.\n"), "{text}");
    for line in [
        "git           2.",
        "keys          `default` is here, for files: 1\n",
        "hooks         the leak check runs in pre-commit, ",
        "stacks        none (",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.lines().count() < 25, "one screen: {text}");
}

#[test]
fn a_key_that_is_nowhere_else_is_named() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox.hs(&repository, ["init", "-k", "ops"]).succeeds();
    let doctor = |place: &PathBuf| sandbox.hs(place, ["doctor"]).succeeds().text();
    let alone = |name: &str| format!("the key `{name}` is in this clone alone, as far as it knows");
    let text = doctor(&repository);
    assert!(text.contains(&alone("default")), "{text}");
    assert!(text.contains(&alone("ops")), "{text}");
    assert!(text.contains("`export-key -k ops FILE`"), "{text}");

    // One key is exported, the other is wrapped for somebody.
    let export = ["export-key", "../default.key"];
    sandbox.hs(&repository, export).succeeds();
    let text = doctor(&repository);
    assert!(!text.contains(&alone("default")), "{text}");
    assert!(text.contains(&alone("ops")), "{text}");
    let somebody = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    let add = ["add-age-user", "-k", "ops", "--name", "alice", somebody];
    sandbox.hs(&repository, add).succeeds();
    let text = doctor(&repository);
    assert!(!text.contains("in this clone alone"), "{text}");

    // Another clone got the key from a file that still exists.
    let clone = ["clone", "--quiet", "repository", "clone"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let clone = sandbox.path("clone");
    sandbox.hs(&clone, ["unlock", "../default.key"]).succeeds();
    let text = doctor(&clone);
    assert!(!text.contains("in this clone alone"), "{text}");
}

#[test]
fn what_is_wrong_is_said_with_what_mends_it() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let clone = ["clone", "--quiet", "repository", "clone"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let clone = sandbox.path("clone");
    fs::create_dir_all(clone.join("web")).expect("a folder");
    fs::create_dir_all(clone.join("apps/blog")).expect("a folder");
    let broken = "services:\n  app:\n    image: app:${TAG}\n    secrets: [a]\nsecrets:\n  a:\n    file: a.key\n  a:\n    file: b.key\n";
    fs::write(clone.join("web/stack.yml"), broken).expect("a file");
    fs::write(clone.join("apps/blog/stack.yml"), "services: {}\n").expect("a file");
    let text = sandbox.hs(&clone, ["doctor"]).ends_with(1).text();
    for words in [
        "keys          `default` is not here, for files: 1\n",
        "key `default` is not here, nor its filter: before `unlock`",
        "stacks        web\n",
        "web/stack.yml:8: key `a` is already defined in line 6",
        "not taken, though it looks like a stack file: apps/blog/stack.yml",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // Without a filter, the new file is staged in plaintext.
    fs::write(clone.join("new.key"), "secret\n").expect("a file");
    sandbox.git(&clone, ["add", "new.key"]).succeeds();
    let text = sandbox.hs(&clone, ["doctor"]).ends_with(1).text();
    assert!(text.contains("exposed: new.key"), "{text}");
    assert!(text.contains("`status --fix`"), "{text}");
    let before = sandbox.git(&repository, ["status", "--short"]).text();
    assert_eq!(before, "");
}

#[test]
fn outside_of_a_repository_the_rest_is_looked_at() {
    let sandbox = Sandbox::new();
    let run = sandbox.hs(&sandbox.path(""), ["doctor"]).ends_with(1);
    let text = run.text();
    assert!(text.contains("repository    none here\n"), "{text}");
    assert!(text.contains("not a git repository"), "{text}");
    assert!(text.contains("`git init`"), "{text}");
    assert!(text.contains("git           2."), "{text}");
}
