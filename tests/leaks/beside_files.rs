//! Content that is no regular file but is still pushed: symbolic links, messages of tags, notes, trees and blobs that tags name.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;
use crate::{PASSWORD, add_all, check, commit_all, repository, write};

#[test]
fn the_target_of_a_link_is_checked_in_every_mode() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    link(&repository, "current", &format!("releases/{PASSWORD}"));
    // A link is stored unencrypted, whatever its attributes and its name.
    link(&repository, "secret/.env", "../README.md");
    add_all(&sandbox, &repository);
    let expected = (3, vec!["current known-secret".to_owned()]);
    for arguments in [&[][..], &["--all"], &["current"], &["."]] {
        assert_eq!(
            check(&sandbox, &repository, arguments),
            expected,
            "{arguments:?}"
        );
    }
    assert_eq!(check(&sandbox, &repository, &["secret/.env"]), (0, vec![]));
    commit_all(&sandbox, &repository, "a link");
    for arguments in [&["--range", "HEAD~1..HEAD"][..], &["--history"]] {
        assert_eq!(
            check(&sandbox, &repository, arguments),
            expected,
            "{arguments:?}"
        );
    }
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]), "no news");
    let clone = ["clone", "--quiet", "--bare", "repository", "bare"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let bare = sandbox.path("bare");
    let keys = repository.join(".git/git-crypt");
    crate::harness::sandbox::copy_tree(&keys, &bare.join("git-crypt"));
    assert_eq!(check(&sandbox, &bare, &["--all"]), expected);
}

#[test]
fn an_encrypted_file_that_becomes_a_link_and_back_is_judged_as_what_it_is() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    std::fs::remove_file(repository.join("secret/app.env")).expect("it was there");
    link(&repository, "secret/app.env", "../README.md");
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]));
    commit_all(&sandbox, &repository, "a link");
    std::fs::remove_file(repository.join("secret/app.env")).expect("it was there");
    write(&repository, "secret/app.env", "A=b\n");
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]), "encrypted");
}

#[test]
fn a_submodule_in_a_folder_is_no_reason_not_to_check_the_folder() {
    let sandbox = Sandbox::new();
    let other = sandbox.repository("other");
    commit_all(&sandbox, &other, "something");
    let repository = repository(&sandbox);
    let add = ["submodule", "--quiet", "add", "../other"];
    sandbox.git(&repository, add).succeeds();
    let run = sandbox.hs(&repository, ["check", "."]).succeeds();
    assert!(run.stderr.contains("warning: submodules"), "{}", run.stderr);
}

#[test]
fn messages_of_annotated_tags_are_part_of_history_and_of_a_push() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    tag(&sandbox, &repository, "inner", "HEAD");
    // A tag of a tag. The inner tag is then no longer a reference.
    let nested = ["tag", "-a", "-m", "the outer one", "outer", "inner"];
    sandbox.git(&repository, nested).succeeds();
    let delete = ["tag", "--delete", "inner"];
    sandbox.git(&repository, delete).succeeds();
    let run = sandbox.hs(&repository, ["check", "--history"]).ends_with(3);
    let place = "the message of the tag inner:1:17: [known-secret]";
    assert!(run.text().starts_with(place), "{}", run.text());
    refuses_to_push(&sandbox, &repository, "outer", place);
}

#[test]
fn notes_are_commits_and_are_checked_like_them() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let note = format!("deployed with {PASSWORD}");
    let add = ["notes", "add", "-m", &note];
    sandbox.git(&repository, add).succeeds();
    let (code, found) = check(&sandbox, &repository, &["--history"]);
    assert_eq!((code, found.len()), (3, 1), "{found:?}");
    refuses_to_push(
        &sandbox,
        &repository,
        "refs/notes/commits",
        "[known-secret]",
    );
}

#[test]
fn trees_and_blobs_that_tags_name_are_checked() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let text = format!("key: {PASSWORD}\n");
    let store = ["hash-object", "-w", "--stdin"];
    let blob = sandbox.run(&repository, "git", store, text.as_bytes());
    let blob = blob.succeeds().text();
    let entry = format!("100644 blob {}\tinside.md\n", blob.trim());
    let tree = sandbox.run(&repository, "git", ["mktree"], entry.as_bytes());
    let tree = tree.succeeds().text();
    for (name, id, place) in [
        ("of-a-blob", blob.trim(), "refs/tags/of-a-blob"),
        ("of-a-tree", tree.trim(), "inside.md"),
    ] {
        let tag = ["tag", name, id];
        sandbox.git(&repository, tag).succeeds();
        let expected = (3, vec![format!("{place} known-secret")]);
        assert_eq!(check(&sandbox, &repository, &["--history"]), expected);
        refuses_to_push(&sandbox, &repository, name, "[known-secret]");
        let delete = ["tag", "--delete", name];
        sandbox.git(&repository, delete).succeeds();
    }
}

#[test]
fn a_reference_to_nothing_is_a_gap() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    tag(&sandbox, &repository, "lost", "HEAD");
    let id = sandbox.git(&repository, ["rev-parse", "lost"]).text();
    let object = repository.join(".git/objects").join(&id[..2]);
    std::fs::remove_file(object.join(id[2..].trim())).expect("a loose object");
    let run = sandbox.hs(&repository, ["check", "--history"]);
    assert_eq!(run.code, 1, "{}{}", run.text(), run.stderr);
    assert!(!run.stderr.contains("nothing found"), "{}", run.stderr);
}

fn link(repository: &Path, path: &str, target: &str) {
    symlink(target, repository.join(path)).expect("a link");
}

fn tag(sandbox: &Sandbox, repository: &Path, name: &str, target: &str) {
    let message = format!("the password is {PASSWORD}");
    let arguments = ["tag", "-a", "-m", &message, name, target];
    sandbox.git(repository, arguments).succeeds();
}

/// With the hooks installed, asserts that a push of `what` to a remote is refused.
fn refuses_to_push(sandbox: &Sandbox, repository: &Path, what: &str, saying: &str) {
    let remote: PathBuf = sandbox.path(format!("remote-for-{}", what.replace('/', "-")));
    let remote = remote.to_str().expect("plain");
    let init = ["init", "--quiet", "--bare", remote];
    sandbox.git(repository, init).succeeds();
    let push = ["push", "--quiet", remote, "main"];
    sandbox.git(repository, push).succeeds();
    sandbox.hs(repository, ["install-hooks"]).succeeds();
    let run = sandbox.git(repository, ["push", remote, what]);
    assert_ne!(run.code, 0, "{what} was pushed");
    let said = format!("{}{}", run.text(), run.stderr);
    assert!(said.contains(saying), "{what}: {said}");
    sandbox
        .hs(repository, ["install-hooks", "--remove"])
        .succeeds();
}
