//! The installed hook in every place from which Git runs it, and with every index that Git gives it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::harness::sandbox::{Run, Sandbox, run};
use crate::{PASSWORD, add_all, commit_all, repository, write};

#[test]
fn amended_merged_picked_and_rebased_commits_are_checked() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments);
    write(&repository, "README.md", format!("# {PASSWORD}\n"));
    add_all(&sandbox, &repository);
    refused(&git(&["commit", "--amend", "--no-edit"]));
    let message = format!("say {PASSWORD}");
    git(&["reset", "--quiet", "--hard"]).succeeds();
    refused(&git(&[
        "commit",
        "--amend",
        "--allow-empty",
        "-m",
        &message,
    ]));
    git(&["commit", "--amend", "--no-edit"]).succeeds();

    git(&["switch", "--quiet", "-c", "side"]).succeeds();
    write(&repository, "README.md", "# Theirs\n");
    commit_all(&sandbox, &repository, "theirs");
    git(&["switch", "--quiet", "main"]).succeeds();
    write(&repository, "README.md", "# Ours\n");
    commit_all(&sandbox, &repository, "ours");
    assert_ne!(git(&["merge", "side"]).code, 0, "a conflict");
    write(&repository, "README.md", format!("# Both {PASSWORD}\n"));
    add_all(&sandbox, &repository);
    refused(&git(&["commit", "-m", "merged"]));
    write(&repository, "README.md", "# Both\n");
    add_all(&sandbox, &repository);
    git(&["commit", "-m", "merged"]).succeeds();
    assert_ne!(git(&["cherry-pick", "side"]).code, 0, "a conflict");
    write(&repository, "README.md", format!("# Picked {PASSWORD}\n"));
    add_all(&sandbox, &repository);
    refused(&git(&[
        "-c",
        "core.editor=true",
        "cherry-pick",
        "--continue",
    ]));
}

#[test]
fn commits_that_git_makes_without_asking_are_looked_at_once_they_are_there() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments);
    git(&["switch", "--quiet", "-c", "side"]).succeeds();
    write(&repository, "leak.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "a leak");
    write(&repository, "fine.md", "fine\n");
    commit_all(&sandbox, &repository, "fine");
    git(&["rm", "--quiet", "leak.md"]).succeeds();
    git(&["commit", "--quiet", "-m", "no leak"]).succeeds();
    git(&["switch", "--quiet", "-c", "start", "main"]).succeeds();
    write(&repository, "README.md", "# Further\n");
    commit_all(&sandbox, &repository, "further");
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    for (branch, command, leaks) in [
        ("picked", &["cherry-pick", "side~2"][..], 1),
        ("picked-two", &["cherry-pick", "side~2", "side~1"], 1),
        ("picked-fine", &["cherry-pick", "side~1"], 0),
        ("rebased", &["rebase", "start", "side"], 1),
        (
            "rebased-by-patches",
            &["rebase", "--apply", "start", "side"],
            1,
        ),
        ("reverted", &["revert", "--no-edit", "side"], 1),
    ] {
        // A linked work tree has its own HEAD.
        let from = if command[0] == "revert" {
            "side"
        } else {
            "start"
        };
        let add = ["worktree", "add", "--quiet", "-b", branch];
        let folder = format!("../{branch}");
        git(&[&add[..], &[&folder, from]].concat()).succeeds();
        let side = sandbox.git(&repository, ["rev-parse", "side"]).text();
        let tree = sandbox.path(branch);
        let run = sandbox.git(&tree, command).succeeds();
        let said = format!("{}{}", run.text(), run.stderr);
        assert_eq!(
            said.matches("[known-secret]").count(),
            leaks,
            "{branch}: {said}"
        );
        assert_eq!(
            said.matches("a push will be stopped").count(),
            leaks,
            "{branch}: {said}"
        );
        assert!(!said.contains(PASSWORD), "{branch}: {said}");
        let clean = sandbox
            .git(&tree, ["status", "--porcelain", "--branch"])
            .text();
        assert_eq!(clean.lines().count(), 1, "{branch}: {clean}");
        let discard = ["worktree", "remove", "--force", &folder];
        git(&discard).succeeds();
        git(&["branch", "--force", "side", side.trim()]).succeeds();
    }
    // An amended commit was checked before, and an ordinary commit must be checked only once.
    git(&["switch", "--quiet", "start"]).succeeds();
    write(&repository, "README.md", format!("# {PASSWORD}\n"));
    add_all(&sandbox, &repository);
    for arguments in [
        &["commit", "--quiet", "--no-verify", "-m", "meant"][..],
        &["commit", "--quiet", "--no-verify", "--amend", "-m", "meant"],
    ] {
        let run = git(arguments).succeeds();
        assert!(!run.stderr.contains("known-secret"), "{}", run.stderr);
    }
}

#[test]
fn patches_are_looked_at_before_they_become_commits() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments);
    write(&repository, "leak.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "a leak");
    let patch = git(&["format-patch", "-1", "--stdout"]).succeeds().stdout;
    write(&sandbox.path(""), "leak.patch", &patch);
    git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    refused(&git(&["am", "../leak.patch"]));
    let log = git(&["log", "--format=%s"]).text();
    assert_eq!(log, "the beginning\n");
}

#[test]
fn the_index_that_git_hands_over_counts_and_no_other() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    commit_all(&sandbox, &repository, "before the hook");
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    let git =
        |directory: &str, arguments: &[&str]| sandbox.git(&repository.join(directory), arguments);
    write(&repository, "deep/good.md", "good\n");
    write(&repository, "deep/bad.md", "good\n");
    commit_all(&sandbox, &repository, "two files");
    write(&repository, "deep/good.md", "better\n");
    write(&repository, "deep/bad.md", format!("{PASSWORD}\n"));
    // The leak is in the work tree, or staged but not part of this commit.
    git("deep", &["commit", "-m", "one file", "good.md"]).succeeds();
    add_all(&sandbox, &repository);
    write(&repository, "deep/good.md", "best\n");
    git("deep", &["commit", "-m", "one file again", "good.md"]).succeeds();
    refused(&git("deep", &["commit", "-m", "the other", "bad.md"]));
    refused(&git("deep", &["commit", "-m", "what is staged"]));
    git("", &["reset", "--quiet"]).succeeds();
    git("", &["commit", "--allow-empty", "-m", "nothing staged"]).succeeds();
    refused(&git("deep", &["commit", "-am", "all"]));
    refused(&git("", &["commit", "--include", "-m", "with it", "deep"]));
}

#[test]
fn a_linked_work_tree_is_checked_with_its_own_index() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    let add = ["worktree", "add", "--quiet", "../linked"];
    sandbox.git(&repository, add).succeeds();
    write(&repository, "leak.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    let linked = sandbox.path("linked");
    write(&linked, "sub/harmless.md", "nothing\n");
    add_all(&sandbox, &linked);
    let commit = ["commit", "-am", "harmless"];
    sandbox.git(&linked.join("sub"), commit).succeeds();
    refused(&sandbox.git(&repository, ["commit", "-m", "a leak"]));
}

#[test]
fn a_locked_clone_stops_plaintext_however_it_is_committed() {
    let sandbox = Sandbox::new();
    let clone = crate::locked_clone(&sandbox, &repository(&sandbox));
    sandbox.hs(&clone, ["install-hooks"]).succeeds();
    write(&clone, "secret/app.env", "DB_PASSWORD=new\n");
    for arguments in [
        &["commit", "-am", "all"][..],
        &["commit", "-m", "one", "secret/app.env"],
        &["commit", "--amend", "-am", "amended"],
    ] {
        let run = sandbox.git(&clone, arguments);
        assert_ne!(run.code, 0, "{arguments:?}");
        let said = format!("{}{}", run.text(), run.stderr);
        assert!(said.contains("[unencrypted-blob]"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_relative_hooks_path_leads_from_where_git_runs_hooks() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let set = ["config", "core.hooksPath", "tools/hooks"];
    sandbox.git(&repository, set).succeeds();
    write(&repository, "deep/down/x.md", "nothing\n");
    let below = repository.join("deep/down");
    sandbox.hs(&below, ["install-hooks"]).succeeds();
    assert!(repository.join("tools/hooks/pre-commit").exists());
    write(&repository, "deep/down/x.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    refused(&sandbox.git(&below, ["commit", "-m", "a leak"]));
    let absolute = repository.join(".git/own-hooks");
    let absolute = absolute.to_str().expect("plain");
    let set = ["config", "core.hooksPath", absolute];
    sandbox.git(&repository, set).succeeds();
    sandbox.hs(&below, ["install-hooks"]).succeeds();
    refused(&sandbox.git(&below, ["commit", "-m", "a leak"]));
}

#[test]
fn what_was_there_comes_back_as_it_was() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let hooks = repository.join(".git/hooks");
    // One hook is a link, one is not executable, and one needs its arguments and has an exit code of its own.
    write(&repository, "tools/check", "#!/bin/sh\nexit 7\n");
    executable(&repository.join("tools/check"), 0o700);
    symlink("../../tools/check", hooks.join("pre-commit")).expect("a link");
    let message = "#!/bin/sh\n[ \"$(cat \"$1\")\" = good ] || exit 9\n";
    write(&repository, ".git/hooks/commit-msg", message);
    executable(&hooks.join("commit-msg"), 0o755);
    write(&repository, ".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    executable(&hooks.join("pre-push"), 0o644);
    let before = listing(&hooks);
    for _ in 0..2 {
        sandbox.hs(&repository, ["install-hooks"]).succeeds();
    }
    let run = hook(&sandbox, &repository, "pre-commit", &[]);
    assert_eq!(run.code, 7, "{}", run.stderr);
    write(&repository, "message", "bad\n");
    let run = hook(&sandbox, &repository, "commit-msg", &["message"]);
    assert_eq!(run.code, 9, "{}", run.stderr);
    write(&repository, "message", "good\n");
    hook(&sandbox, &repository, "commit-msg", &["message"]).succeeds();
    // Git ignores a hook that is not executable. Our hook ignores it as well.
    hook(&sandbox, &repository, "pre-push", &["origin", "url"]).succeeds();
    let remove = ["install-hooks", "--remove"];
    sandbox.hs(&repository, remove).succeeds();
    assert_eq!(listing(&hooks), before);
}

/// Names, types, modes and contents of the files.
fn listing(directory: &Path) -> Vec<(String, u32, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(directory)
        .expect("a folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("plain");
            let mode = entry.metadata().expect("it is there").permissions().mode();
            (name, mode, fs::read(entry.path()).expect("a file"))
        })
        .collect();
    all.sort();
    all
}

fn executable(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

/// Runs a hook at the top of the work tree, as Git does.
fn hook(sandbox: &Sandbox, repository: &Path, name: &str, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(repository, &format!(".git/hooks/{name}"));
    command.args(arguments);
    run(command, b"")
}

#[track_caller]
fn refused(run: &Run) {
    let said = format!("{}{}", run.text(), run.stderr);
    assert_ne!(run.code, 0, "{said}");
    assert!(said.contains("[known-secret]"), "{said}");
}
