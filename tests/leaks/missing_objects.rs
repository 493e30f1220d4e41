//! Objects that are damaged, or not there: shallow and partial clones.

use std::fs;
use std::path::Path;

use crate::harness::sandbox::{Sandbox, copy_tree};
use crate::{add_all, check, commit_all, repository, write};

#[test]
fn a_damaged_or_missing_blob_is_a_gap() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "a.md", "some text\n");
    add_all(&sandbox, &repository);
    let id = sandbox.git(&repository, ["rev-parse", ":a.md"]).text();
    let object = repository
        .join(".git/objects")
        .join(&id[..2])
        .join(id[2..].trim());
    fs::remove_file(&object).expect("a loose object");
    for arguments in [&[][..], &["--all"], &["a.md"]] {
        let run = sandbox.hs(&repository, [&["check"], arguments].concat());
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(
            run.stderr
                .contains("could not check a.md: reading the blob"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("nothing found"), "{}", run.stderr);
    }
    fs::write(&object, b"x\x9c this is no object").expect("an object");
    let run = sandbox.hs(&repository, ["check", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.text().contains("\"unread\": [\n    {"),
        "{}",
        run.text()
    );
}

#[test]
fn a_shallow_clone_has_no_clean_history() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    commit_all(&sandbox, &repository, "a second one");
    let url = format!("file://{}", repository.display());
    sandbox
        .git(
            &sandbox.path(""),
            ["clone", "--quiet", "--depth=1", &url, "shallow"],
        )
        .succeeds();
    let shallow = sandbox.path("shallow");
    let run = sandbox.hs(&shallow, ["check", "--history"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("could not check the history: this is a shallow clone"),
        "{}",
        run.stderr
    );
    // Nor can anybody say whether attributes were taken away.
    let run = sandbox.hs(&shallow, ["check", "--all"]).ends_with(1);
    assert!(
        run.stderr.contains("could not check the history"),
        "{}",
        run.stderr
    );
}

/// The URL of a repository that lets others clone a part of it.
fn url_of_partial_clones(sandbox: &Sandbox, repository: &Path) -> String {
    for name in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
        sandbox.git(repository, ["config", name, "true"]).succeeds();
    }
    format!("file://{}", repository.display())
}

#[test]
fn a_partial_clone_without_the_blobs_is_not_clean() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "README.md", "# Changed\n");
    write(&repository, "secret/app.env", "DB_PASSWORD=another-99\n");
    commit_all(&sandbox, &repository, "a second one");
    let url = url_of_partial_clones(&sandbox, &repository);
    let clone = ["clone", "--quiet", "--filter=blob:none", &url, "partial"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let partial = sandbox.path("partial");
    let history = ["check", "--history"];
    for unlocked in [false, true] {
        if unlocked {
            let keys = repository.join(".git/git-crypt");
            copy_tree(&keys, &partial.join(".git/git-crypt"));
        }
        let run = sandbox.hs(&partial, history);
        assert_eq!(run.code, 1, "{}", run.stderr);
        for part in [
            "could not check README.md: reading the blob",
            "could not check secret/app.env: reading the blob",
            "error: 2 things could not be checked",
            "hint: this is a partial clone",
        ] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        assert!(!run.stderr.contains("nothing found"), "{}", run.stderr);
    }
    // What is checked out is there.
    sandbox.hs(&partial, ["check", "--all"]).succeeds();
    // Else git goes on repacking behind the test's back.
    let set = ["config", "maintenance.auto", "false"];
    sandbox.git(&partial, set).succeeds();
    let fetch = ["fetch", "--quiet", "--refetch", "--no-filter"];
    sandbox.git(&partial, fetch).succeeds();
    sandbox.hs(&partial, history).succeeds();
}

#[test]
fn a_deletion_in_a_partial_clone_is_checked_and_a_gap_where_git_can_not_fetch() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "old.md", "some text\n");
    commit_all(&sandbox, &repository, "a second one");
    let url = url_of_partial_clones(&sandbox, &repository);
    let clone = [
        "clone",
        "--quiet",
        "--no-checkout",
        "--filter=blob:none",
        &url,
        "partial",
    ];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let partial = sandbox.path("partial");
    // The index has everything, and the store all blobs but one.
    sandbox.git(&partial, ["read-tree", "HEAD"]).succeeds();
    let fetched = [
        "checkout",
        "HEAD",
        "--",
        ".gitattributes",
        "README.md",
        "secret/app.env",
    ];
    sandbox.git(&partial, fetched).succeeds();
    let delete = ["update-index", "--force-remove", "old.md"];
    sandbox.git(&partial, delete).succeeds();
    sandbox
        .git(&partial, ["remote", "set-url", "origin", "file:///nowhere"])
        .succeeds();
    let run = sandbox.hs(&partial, ["check", "--staged"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let gap = "could not check old.md: reading the blob";
    assert!(run.stderr.contains(gap), "{}", run.stderr);
    sandbox
        .git(&partial, ["remote", "set-url", "origin", &url])
        .succeeds();
    sandbox.hs(&partial, ["check", "--staged"]).succeeds();
}

#[test]
fn a_damaged_tree_or_commit_is_a_gap() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "deep/a.md", "some text\n");
    commit_all(&sandbox, &repository, "deep");
    for what in ["HEAD:deep", "HEAD"] {
        let id = sandbox.git(&repository, ["rev-parse", what]).text();
        let object = repository
            .join(".git/objects")
            .join(&id[..2])
            .join(id[2..].trim());
        let content = fs::read(&object).expect("a loose object");
        fs::remove_file(&object).expect("a loose object");
        for arguments in [&["--history"][..], &["--range", "HEAD~1..HEAD"]] {
            let run = sandbox.hs(&repository, [&["check"], arguments].concat());
            assert_eq!(run.code, 1, "{what} {arguments:?}: {}", run.stderr);
            assert!(!run.stderr.contains("nothing found"), "{}", run.stderr);
        }
        fs::write(&object, content).expect("an object");
    }
    check(&sandbox, &repository, &["--history"]);
}
