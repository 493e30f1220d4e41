//! Repositories of other owners are trusted only if Git trusts them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::desk::{MAGIC, read};
use crate::harness::sandbox::{Sandbox, run};

/// A locked clone that belongs to another user, with its key next to it. Only root can change the owner.
fn foreign(sandbox: &Sandbox) -> PathBuf {
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    let clone = sandbox.cloned(&lab);
    let owner = ["-R", "12345"].map(AsRef::as_ref);
    let words = owner.into_iter().chain([clone.as_os_str()]);
    sandbox
        .run(&sandbox.path(""), "chown", words, b"")
        .succeeds();
    clone
}

fn trust(sandbox: &Sandbox, place: &str) {
    let words = ["config", "--global", "--add", "safe.directory", place];
    sandbox.git(&sandbox.path(""), words).succeeds();
}

/// Unlocks with a script as CI runners do.
#[track_caller]
fn unlocked_by_a_script(sandbox: &Sandbox, clone: &Path) {
    let script = "set -e; base64 < ../lab.key > ../coded; base64 -d < ../coded | hs-secrets unlock /dev/stdin";
    sandbox.run(clone, "sh", ["-c", script], b"").succeeds();
    assert_eq!(read(clone, "api.key"), b"opensesame\n");
    // Git runs the filter again for a file that was written again.
    fs::write(clone.join("api.key"), "opensesame\n").expect("ours to write");
    let status = sandbox.git(clone, ["status", "--porcelain"]).succeeds();
    assert_eq!(status.text(), "");
}

#[test]
fn a_directory_that_git_is_told_to_trust_is_trusted_however_it_is_told() {
    let forms: [fn(&Path) -> String; 3] = [
        |clone| clone.display().to_string(),
        |clone| format!("{}/*", clone.parent().expect("a parent").display()),
        |clone| format!("{}/", clone.display()),
    ];
    for form in forms {
        let sandbox = Sandbox::new();
        let clone = foreign(&sandbox);
        let told = sandbox.hs(&clone, ["status"]).fails_saying(&["not owned"]);
        assert!(told.stderr.contains("safe.directory"), "{}", told.stderr);
        trust(&sandbox, &form(&clone));
        unlocked_by_a_script(&sandbox, &clone);
        sandbox.hs(&clone, ["lock"]).succeeds();
        assert!(read(&clone, "api.key").starts_with(MAGIC));
    }
}

#[test]
fn the_trust_of_one_command_reaches_the_filters_that_git_starts_for_it() {
    let sandbox = Sandbox::new();
    let clone = foreign(&sandbox);
    let by_variables = |words: &[&str]| {
        let mut command = sandbox.command(&clone, words[0]);
        command
            .args(&words[1..])
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", &clone);
        run(command, b"").succeeds()
    };
    by_variables(&["hs-secrets", "unlock", "../lab.key"]);
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
    for words in [
        &["-c", "safe.directory=*", "status", "--porcelain"][..],
        &["--git-dir=.git", "--work-tree=.", "status", "--porcelain"],
    ] {
        fs::write(clone.join("api.key"), "opensesame\n").expect("ours to write");
        let status = sandbox.git(&clone, words).succeeds();
        assert_eq!(status.text(), "", "{words:?}");
    }
    sandbox.hs(&clone, ["status"]).fails_saying(&["not owned"]);
}

/// A script for CI as people publish it: the runner is root and the files belong to another user.
#[test]
fn a_published_script_of_a_runner_unlocks_under_the_name_of_git_crypt() {
    for unlock in [
        "echo \"$KEY\" | base64 -d | git-crypt unlock /dev/stdin",
        "git-crypt unlock <(echo \"$KEY\" | base64 -d)",
    ] {
        let sandbox = Sandbox::new();
        let clone = foreign(&sandbox);
        let bin = sandbox.path("bin");
        fs::create_dir(&bin).expect("a new folder");
        symlink(env!("CARGO_BIN_EXE_hs-secrets"), bin.join("git-crypt")).expect("a new link");
        let key = sandbox.run(&clone, "base64", ["-w0", "../lab.key"], b"");
        let script = format!(
            "set -e; git config --global --add safe.directory \"$PWD\"; {unlock}; cat api.key; git status --porcelain; git-crypt lock"
        );
        let mut bash = sandbox.command(&clone, "bash");
        let path = std::env::var_os("PATH").expect("it is set");
        let places = std::iter::once(bin).chain(std::env::split_paths(&path));
        bash.args(["-c", &script]).env("KEY", key.text());
        bash.env("PATH", std::env::join_paths(places).expect("no colon"));
        assert_eq!(run(bash, b"").succeeds().text(), "opensesame\n", "{unlock}");
        assert!(read(&clone, "api.key").starts_with(MAGIC), "{unlock}");
    }
}

#[test]
fn a_bare_repository_inside_of_another_is_refused_where_git_refuses_it() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    let inner = lab.join("inner");
    let ran = sandbox.path("ran");
    sandbox
        .git(&lab, ["init", "--quiet", "--bare", "inner"])
        .succeeds();
    fs::create_dir(inner.join("files")).expect("a new folder");
    for (name, value) in [
        ("core.bare", "false".to_owned()),
        ("core.worktree", inner.join("files").display().to_string()),
        ("core.fsmonitor", format!("touch {}; false", ran.display())),
    ] {
        sandbox
            .git(&inner, ["config", "--file", "config", name, &value])
            .succeeds();
    }
    let explicit = ["config", "--global", "safe.bareRepository", "explicit"];
    sandbox.git(&sandbox.path(""), explicit).succeeds();
    for verb in [
        &["status"][..],
        &["check", "--all"],
        &["unlock", "../../lab.key"],
    ] {
        sandbox
            .hs(&inner, verb)
            .fails_saying(&["safe.bareRepository"]);
    }
    assert!(!ran.exists(), "a program of the inner repository ran");
}
