//! Objects that are damaged or missing: also in shallow and partial clones.

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
    // It is also unknown whether attributes were removed.
    let run = sandbox.hs(&shallow, ["check", "--all"]).ends_with(1);
    assert!(
        run.stderr.contains("could not check the history"),
        "{}",
        run.stderr
    );
}

/// How often Git has fetched objects into a partial clone.
fn fetches(clone: &Path) -> usize {
    let packs = fs::read_dir(clone.join(".git/objects/pack")).expect("packs");
    let names = packs.map(|pack| pack.expect("a pack").file_name());
    names
        .filter(|name| name.to_string_lossy().ends_with(".promisor"))
        .count()
}

#[test]
fn the_history_of_a_partial_clone_is_fetched_and_a_gap_where_it_can_not_be() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for number in 0..20 {
        write(&repository, "README.md", format!("# Changed {number}\n"));
        let secret = format!("DB_PASSWORD=another-{number}\n");
        write(&repository, "secret/app.env", &secret);
        commit_all(&sandbox, &repository, "one more");
    }
    let url = sandbox.url_of_partial_clones(&repository);
    let clone = ["clone", "--quiet", "--filter=blob:none", &url, "partial"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let partial = sandbox.path("partial");
    let set_url = |url: &str| {
        let set = ["remote", "set-url", "origin", url];
        sandbox.git(&partial, set).succeeds();
    };
    set_url("file:///nowhere");
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
            "this partial clone has left it out, and it can't be fetched: ",
            "error: 40 things could not be checked",
            "hint: this is a partial clone",
        ] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        assert!(!run.stderr.contains("nothing found"), "{}", run.stderr);
    }
    // The objects that are checked out are here.
    sandbox.hs(&partial, ["check", "--all"]).succeeds();
    set_url(&url);
    let before = fetches(&partial);
    sandbox.hs(&partial, history).succeeds();
    // One fetch for the encrypted files, one for all others.
    assert_eq!(fetches(&partial) - before, 2);
    sandbox.hs(&partial, history).succeeds();
    assert_eq!(fetches(&partial) - before, 2);
}

#[test]
fn a_clone_without_trees_fetches_them() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for number in 0..3 {
        let path = format!("deep/er/{number}.md");
        write(&repository, &path, "some text\n");
        commit_all(&sandbox, &repository, "one more");
    }
    let url = sandbox.url_of_partial_clones(&repository);
    let clone = ["clone", "--quiet", "--filter=tree:0", &url, "partial"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let partial = sandbox.path("partial");
    sandbox
        .hs(&partial, ["check", "--range", "HEAD~1..HEAD"])
        .succeeds();
    sandbox.hs(&partial, ["check", "--history"]).succeeds();
}

#[test]
fn a_deletion_in_a_partial_clone_is_checked_and_a_gap_where_git_can_not_fetch() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "old.md", "some text\n");
    commit_all(&sandbox, &repository, "a second one");
    let url = sandbox.url_of_partial_clones(&repository);
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
    // The index is complete, and the object store has all blobs except one.
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
