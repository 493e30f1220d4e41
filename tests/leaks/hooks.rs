//! `install-hooks`: installs the check where Git really looks for hooks, next to other hooks, in locked clones and work trees.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox};
use crate::{PASSWORD, add_all, commit_all, locked_clone, repository, write};

fn commit(sandbox: &Sandbox, repository: &Path, message: &str) -> Run {
    sandbox.git(repository, ["commit", "-m", message])
}

#[test]
fn a_locked_clone_with_the_hook_stops_a_plaintext_commit() {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox, &repository(&sandbox));
    sandbox.hs(&clone, ["install-hooks"]).succeeds();
    write(&clone, "secret/new.env", "TOKEN=abc\n");
    add_all(&sandbox, &clone);
    let run = commit(&sandbox, &clone, "a new secret");
    assert_ne!(run.code, 0);
    assert!(
        format!("{}{}", run.text(), run.stderr).contains("secret/new.env: [unencrypted-blob]"),
        "{}",
        run.stderr
    );
    let warnings = run.stderr.matches("warning: ").count();
    assert_eq!(warnings, 1, "that it is locked: {}", run.stderr);
    sandbox.git(&clone, ["reset", "--quiet"]).succeeds();
    fs::remove_file(clone.join("secret/new.env")).expect("it was there");
    write(&clone, "harmless.md", "hello\n");
    add_all(&sandbox, &clone);
    let run = commit(&sandbox, &clone, "harmless").succeeds();
    let warnings = run.stderr.matches("warning: ").count();
    assert_eq!(warnings, 0, "it was said already today: {}", run.stderr);
    // A check that the user runs warns every time.
    let run = sandbox.hs(&clone, ["check"]).succeeds();
    assert!(run.stderr.contains("warning: locked: "), "{}", run.stderr);
}

#[test]
fn messages_and_every_way_to_commit_are_checked() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    write(&repository, "README.md", "# Changed\n");
    add_all(&sandbox, &repository);
    assert_ne!(
        commit(
            &sandbox,
            &repository,
            &format!("the password is {PASSWORD}")
        )
        .code,
        0
    );
    commit(&sandbox, &repository, "a good message").succeeds();
    // Git gives these hooks a temporary index.
    write(&repository, "README.md", format!("# {PASSWORD}\n"));
    assert_ne!(sandbox.git(&repository, ["commit", "-am", "all"]).code, 0);
    assert_ne!(
        sandbox
            .git(&repository, ["commit", "-m", "one", "README.md"])
            .code,
        0
    );
    fs::create_dir_all(repository.join("deep/down")).expect("a folder");
    assert_ne!(
        sandbox
            .git(
                &repository.join("deep/down"),
                ["commit", "-am", "from below"]
            )
            .code,
        0
    );
    assert_eq!(
        sandbox
            .git(&repository, ["rev-list", "--count", "HEAD"])
            .text()
            .trim(),
        "2"
    );
}

#[test]
fn linked_work_trees_share_the_hooks() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["worktree", "add", "--quiet", "../linked"])
        .succeeds();
    let linked = sandbox.path("linked");
    sandbox.hs(&linked, ["install-hooks"]).succeeds();
    assert!(repository.join(".git/hooks/pre-commit").exists());
    for tree in [&linked, &repository] {
        write(tree, "new.md", format!("{PASSWORD}\n"));
        add_all(&sandbox, tree);
        let run = commit(&sandbox, tree, "a leak");
        assert_ne!(run.code, 0, "{}", run.stderr);
        assert!(
            format!("{}{}", run.text(), run.stderr).contains("[known-secret]"),
            "{}",
            run.stderr
        );
    }
}

/// A repository with the hooks, pushed to a remote.
pub(crate) fn pushed_with_hooks(sandbox: &Sandbox) -> PathBuf {
    let repository = repository(sandbox);
    sandbox
        .git(&sandbox.path(""), ["init", "--quiet", "--bare", "remote"])
        .succeeds();
    sandbox
        .git(&repository, ["remote", "add", "origin", "../remote"])
        .succeeds();
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    sandbox
        .git(&repository, ["push", "--quiet", "origin", "main"])
        .succeeds();
    repository
}

#[test]
fn a_push_is_checked_commit_by_commit() {
    let sandbox = Sandbox::new();
    let repository = pushed_with_hooks(&sandbox);
    write(&repository, "oops.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    sandbox
        .git(
            &repository,
            ["commit", "--quiet", "--no-verify", "-m", "oops"],
        )
        .succeeds();
    sandbox
        .git(&repository, ["rm", "--quiet", "oops.md"])
        .succeeds();
    commit(&sandbox, &repository, "removed").succeeds();
    let push = sandbox.git(&repository, ["push", "origin", "main"]);
    assert_ne!(push.code, 0);
    assert!(
        format!("{}{}", push.text(), push.stderr).contains("oops.md:1:1 ("),
        "{}{}",
        push.text(),
        push.stderr
    );
    assert_ne!(
        sandbox
            .git(&repository, ["push", "origin", "HEAD:refs/heads/new"])
            .code,
        0,
        "a new branch"
    );
    sandbox
        .git(&repository, ["reset", "--quiet", "--hard", "HEAD~2"])
        .succeeds();
    sandbox
        .git(&repository, ["push", "origin", "HEAD:refs/heads/new"])
        .succeeds();
    sandbox
        .git(&repository, ["push", "--quiet", "origin", ":new"])
        .succeeds();
}

#[test]
fn hooks_that_are_there_run_first_and_come_back() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let hook = repository.join(".git/hooks/pre-commit");
    let theirs = "#!/bin/sh\necho theirs >> hook.log\n[ ! -e refuse ]\n";
    write(&repository, ".git/hooks/pre-commit", theirs);
    write(
        &repository,
        ".git/hooks/pre-push",
        "#!/bin/sh\ncat > pushed.log\n",
    );
    for name in ["pre-commit", "pre-push"] {
        fs::set_permissions(
            repository.join(".git/hooks").join(name),
            fs::Permissions::from_mode(0o755),
        )
        .expect("a mode");
    }
    write(&repository, ".gitignore", "*.log\nrefuse\n");
    let said = sandbox.hs(&repository, ["install-hooks"]).succeeds().text();
    assert_eq!(
        said,
        "pre-commit: installed; the hook that was there runs first\npre-merge-commit: installed\ncommit-msg: installed\npre-push: installed; the hook that was there runs first\npre-applypatch: installed\npost-commit: installed\npost-rewrite: installed\n"
    );
    let again = sandbox.hs(&repository, ["install-hooks"]).succeeds().text();
    assert_eq!(again.matches("installed already").count(), 7, "{again}");
    assert_eq!(
        fs::metadata(&hook).expect("a hook").permissions().mode() & 0o777,
        0o755
    );

    commit_all(&sandbox, &repository, "with both");
    assert_eq!(
        fs::read_to_string(repository.join("hook.log")).expect("a log"),
        "theirs\n"
    );
    write(&repository, "refuse", "");
    assert_ne!(
        sandbox
            .git(
                &repository,
                ["commit", "--allow-empty", "-m", "theirs says no"]
            )
            .code,
        0
    );
    sandbox
        .git(&sandbox.path(""), ["init", "--quiet", "--bare", "remote"])
        .succeeds();
    sandbox
        .git(&repository, ["push", "--quiet", "../remote", "main"])
        .succeeds();
    let pushed = fs::read_to_string(repository.join("pushed.log")).expect("a log");
    assert!(pushed.starts_with("refs/heads/main "), "{pushed}");

    let said = sandbox
        .hs(&repository, ["install-hooks", "--remove"])
        .succeeds()
        .text();
    assert!(
        said.contains("pre-commit: removed; the hook that was there before is back"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&hook).expect("a hook"), theirs);
    assert!(!repository.join(".git/hooks/commit-msg").exists());
    let said = sandbox
        .hs(&repository, ["install-hooks", "--remove"])
        .succeeds()
        .text();
    assert_eq!(said.matches("not ours, left alone").count(), 7, "{said}");
}

#[test]
fn core_hooks_path_is_followed_but_not_out_of_the_repository() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["config", "core.hooksPath", ".githooks"])
        .succeeds();
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    assert!(repository.join(".githooks/pre-commit").exists());
    write(&repository, "a.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    assert_ne!(commit(&sandbox, &repository, "a leak").code, 0);

    let shared = sandbox.path("shared");
    sandbox
        .git(
            &repository,
            ["config", "core.hooksPath", shared.to_str().expect("plain")],
        )
        .succeeds();
    sandbox
        .hs(&repository, ["install-hooks"])
        .fails_saying(&["outside of this repository"]);
    assert!(!shared.exists());
    sandbox
        .hs(&repository, ["install-hooks", "--shared"])
        .succeeds();
    assert!(shared.join("pre-push").exists());
}

#[test]
fn a_hook_without_the_program_fails_and_says_so() {
    let sandbox = Sandbox::new();
    // Without encrypted files, for which Git would need the program.
    let repository = sandbox.repository("plain");
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    let hook = repository.join(".git/hooks/pre-commit");
    let script = fs::read_to_string(&hook).expect("a hook");
    let program = env!("CARGO_BIN_EXE_hs-secrets");
    assert!(script.contains(program), "{script}");
    write(&repository, "a.md", "hello\n");
    add_all(&sandbox, &repository);
    let mut command = sandbox.command(&repository, "git");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let without: Vec<_> = std::env::split_paths(&path)
        .filter(|directory| !directory.join("hs-secrets").exists())
        .collect();
    let without = std::env::join_paths(without).expect("no colon in them");
    command.env("PATH", &without);
    command.args([
        "commit",
        "-m",
        "checked by the program that the hook was installed by",
    ]);
    crate::harness::sandbox::run(command, b"").succeeds();
    fs::write(&hook, script.replace(program, "/nowhere/hs-secrets")).expect("a hook");
    let mut command = sandbox.command(&repository, "git");
    command.env("PATH", &without);
    command.args(["commit", "--allow-empty", "-m", "unchecked"]);
    let run = crate::harness::sandbox::run(command, b"");
    assert_ne!(run.code, 0);
    assert!(
        run.stderr.contains("hs-secrets is not installed here"),
        "{}",
        run.stderr
    );
}

#[test]
#[ignore = "needs python3: tests/run.sh"]
fn a_hook_that_goes_by_its_name_runs_under_it() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, ".gitignore", "*.log\n");
    for (text, log) in [
        ("#!/bin/sh\n. \"$(dirname \"$0\")/dispatch\"\n", "shell.log"),
        (
            "#!/usr/bin/env python3\nimport os, sys\nopen('python.log', 'a').write(os.path.basename(sys.argv[0]))\n",
            "python.log",
        ),
    ] {
        write(
            &repository,
            ".git/hooks/dispatch",
            "basename \"$0\" >> shell.log\n",
        );
        write(&repository, ".git/hooks/pre-commit", text);
        let hook = repository.join(".git/hooks/pre-commit");
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("a mode");
        sandbox.hs(&repository, ["install-hooks"]).succeeds();
        commit_all(&sandbox, &repository, "one");
        let name = fs::read_to_string(repository.join(log)).expect("a log");
        assert_eq!(name.trim(), "pre-commit");
        sandbox
            .hs(&repository, ["install-hooks", "--remove"])
            .succeeds();
        assert_eq!(fs::read_to_string(&hook).expect("a hook"), text);
        assert!(!repository.join(".git/hooks/before-hs-secrets").exists());
    }
}

#[test]
fn husky_and_the_check_run_beside_each_other_also_after_husky_is_installed_again() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, ".gitignore", "*.log\n");
    // The layout of husky version 9.
    let install_husky = || {
        let dispatch = "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n";
        let h = "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\nexit $?\n";
        write(&repository, ".husky/_/h", h);
        for name in ["pre-commit", "commit-msg", "pre-push", "pre-merge-commit"] {
            let path = format!(".husky/_/{name}");
            write(&repository, &path, dispatch);
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(repository.join(path), mode).expect("a mode");
        }
        write(&repository, ".husky/_/.gitignore", "*\n");
        let set = ["config", "core.hooksPath", ".husky/_"];
        sandbox.git(&repository, set).succeeds();
    };
    install_husky();
    write(
        &repository,
        ".husky/pre-commit",
        "echo husky >> husky.log\n",
    );
    let run = sandbox.hs(&repository, ["install-hooks"]).succeeds();
    assert!(
        run.stderr.contains("files of this repository"),
        "{}",
        run.stderr
    );
    let script = fs::read_to_string(repository.join(".husky/pre-commit")).expect("a hook");
    assert!(
        !script.contains(env!("CARGO_BIN_EXE_hs-secrets")),
        "{script}"
    );
    install_husky();
    commit_all(&sandbox, &repository, "both run");
    let log = fs::read_to_string(repository.join("husky.log")).expect("a log");
    assert_eq!(log, "husky\n");
    write(&repository, "a.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    assert_ne!(commit(&sandbox, &repository, "a leak").code, 0);
    sandbox
        .hs(&repository, ["install-hooks", "--remove"])
        .succeeds();
    let theirs = fs::read_to_string(repository.join(".husky/pre-commit")).expect("a hook");
    assert_eq!(theirs, "echo husky >> husky.log\n");
}

#[test]
fn a_merge_without_conflicts_is_checked() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["checkout", "--quiet", "-b", "side"])
        .succeeds();
    write(&repository, "a.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "a leak");
    sandbox
        .git(&repository, ["checkout", "--quiet", "main"])
        .succeeds();
    write(&repository, "b.md", "b\n");
    commit_all(&sandbox, &repository, "beside it");
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    let run = sandbox.git(&repository, ["merge", "--no-edit", "side"]);
    assert_ne!(run.code, 0);
    let said = format!("{}{}", run.text(), run.stderr);
    assert!(said.contains("[known-secret]"), "{said}");
}

#[test]
fn a_bare_repository_is_told_that_nobody_commits_there() {
    let sandbox = Sandbox::new();
    let bare = ["init", "--quiet", "--bare", "bare.git"];
    sandbox.git(&sandbox.path(""), bare).succeeds();
    sandbox
        .hs(&sandbox.path("bare.git"), ["install-hooks"])
        .fails_saying(&["is bare"]);
}

#[test]
fn a_hook_that_another_program_has_overwritten_is_named() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let said = |arguments: &[&str]| {
        let run = sandbox.hs(&repository, arguments);
        format!("{}{}", run.text(), run.stderr)
    };
    let lost = "the hook pre-commit does not run the";
    write(&repository, ".git/hooks/pre-commit", "#!/bin/sh\n");
    for arguments in [&["status", "--short"][..], &["check"]] {
        assert!(!said(arguments).contains(lost), "{arguments:?}");
    }
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    assert!(!said(&["status", "--short"]).contains(lost));
    write(&repository, ".git/hooks/pre-commit", "#!/bin/sh\n");
    for arguments in [&["status", "--short"][..], &["check"]] {
        assert!(said(arguments).contains(lost), "{arguments:?}");
    }
    fs::remove_file(repository.join(".git/hooks/pre-commit.before-hs-secrets"))
        .expect("the first one");
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    sandbox
        .hs(&repository, ["install-hooks", "--remove"])
        .succeeds();
    assert!(!said(&["status", "--short"]).contains(lost));
}
