//! Linked work trees: one key for all of them, locked and unlocked together.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::desk::MAGIC;
use crate::harness::sandbox::Sandbox;

#[test]
fn a_linked_work_tree_is_as_locked_as_the_repository() {
    let sandbox = Sandbox::new();
    let lab = repository(&sandbox);
    let first = link(&sandbox, &lab, "first");
    assert_eq!(secret(&first), b"opensesame\n");
    sandbox.hs(&lab, ["lock"]).succeeds();
    assert!(secret(&lab).starts_with(MAGIC));
    assert!(secret(&first).starts_with(MAGIC));
    assert_clean(&sandbox, &first);
    let second = link(&sandbox, &lab, "second");
    assert!(secret(&second).starts_with(MAGIC));

    sandbox.hs(&second, ["unlock", "../lab.key"]).succeeds();
    for place in [&lab, &first, &second] {
        assert_eq!(secret(place), b"opensesame\n", "{}", place.display());
        assert_clean(&sandbox, place);
    }
    assert!(lab.join(".git/git-crypt/keys/default").is_file());
    fs::write(second.join("new.key"), "new\n").expect("written");
    sandbox.git(&second, ["add", "new.key"]).succeeds();
    let staged = sandbox.git(&second, ["cat-file", "blob", ":new.key"]);
    assert!(staged.stdout.starts_with(MAGIC));

    sandbox.hs(&first, ["lock"]).succeeds();
    for place in [&lab, &first, &second] {
        assert!(secret(place).starts_with(MAGIC), "{}", place.display());
    }
    assert!(!lab.join(".git/git-crypt/keys/default").exists());
    sandbox
        .hs(&second, ["lock"])
        .fails_saying(&["already locked"]);
}

#[test]
fn modified_files_in_another_work_tree_stop_lock_and_unlock() {
    let sandbox = Sandbox::new();
    let lab = repository(&sandbox);
    let linked = link(&sandbox, &lab, "linked");
    fs::write(linked.join("api.key"), "my own\n").expect("written");
    sandbox
        .hs(&lab, ["lock"])
        .fails_saying(&["modified in the work tree at", "/linked: api.key"]);
    assert_eq!(secret(&lab), b"opensesame\n");
    sandbox.hs(&lab, ["lock", "--force"]).succeeds();
    assert!(secret(&linked).starts_with(MAGIC));

    fs::write(linked.join("api.key"), "my own\n").expect("written");
    sandbox
        .hs(&lab, ["unlock", "../lab.key"])
        .fails_saying(&["modified in the work tree at", "/linked: api.key"]);
    assert!(secret(&lab).starts_with(MAGIC));
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn a_key_that_git_crypt_left_in_a_linked_work_tree_is_found_and_removed() {
    let sandbox = Sandbox::new();
    let lab = repository(&sandbox);
    let linked = link(&sandbox, &lab, "linked");
    sandbox.hs(&lab, ["lock"]).succeeds();
    sandbox
        .git_crypt(&linked, ["unlock", "../lab.key"])
        .succeeds();
    let left = lab.join(".git/worktrees/linked/git-crypt/keys/default");
    assert!(left.is_file());
    assert!(!lab.join(".git/git-crypt/keys/default").exists());
    for place in [&linked, &lab] {
        let exported = sandbox.hs(place, ["export-key", "-"]).succeeds();
        let key = fs::read(sandbox.path("lab.key")).expect("a key");
        assert_eq!(exported.stdout, key);
    }
    sandbox.hs(&lab, ["lock"]).succeeds();
    assert!(!left.exists());
    assert!(secret(&linked).starts_with(MAGIC));
}

#[test]
fn a_git_crypt_folder_that_links_to_the_main_one_keeps_the_only_key() {
    let sandbox = Sandbox::new();
    let lab = repository(&sandbox);
    let linked = link(&sandbox, &lab, "linked");
    let own = lab.join(".git/worktrees/linked/git-crypt");
    std::os::unix::fs::symlink(lab.join(".git/git-crypt"), &own).expect("a link");
    let key = lab.join(".git/git-crypt/keys/default");

    sandbox.hs(&linked, ["unlock", "../lab.key"]).succeeds();
    assert!(key.is_file(), "unlock");
    sandbox.hs(&linked, ["init", "-k", "ops"]).succeeds();
    assert!(key.with_file_name("ops").is_file(), "init");
    sandbox.hs(&linked, ["rotate-key"]).succeeds();
    assert!(key.is_file(), "rotate-key");
    let exported = sandbox.hs(&lab, ["export-key", "-"]).succeeds();
    assert_ne!(
        exported.stdout,
        fs::read(sandbox.path("lab.key")).expect("a key")
    );
    sandbox.hs(&linked, ["rotate-key", "--abort"]).succeeds();
    assert!(key.is_file(), "rotate-key --abort");
    let exported = sandbox.hs(&lab, ["export-key", "-"]).succeeds();
    assert_eq!(
        exported.stdout,
        fs::read(sandbox.path("lab.key")).expect("a key")
    );
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn another_key_that_git_crypt_has_in_a_linked_work_tree_is_kept_for_its_files() {
    let sandbox = Sandbox::new();
    let lab = sandbox.repository("lab");
    let attributes = "*.key filter=git-crypt diff=git-crypt\n";
    fs::write(lab.join(".gitattributes"), attributes).expect("written");
    sandbox.git(&lab, ["add", "."]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "first"])
        .succeeds();
    let linked = link(&sandbox, &lab, "linked");
    for place in [&lab, &linked] {
        sandbox.git_crypt(place, ["init"]).succeeds();
        fs::write(place.join("api.key"), "opensesame\n").expect("written");
        sandbox.git(place, ["add", "."]).succeeds();
        sandbox
            .git(place, ["commit", "--quiet", "-m", "a secret"])
            .succeeds();
    }
    let keys = ["", "worktrees/linked/"].map(|folder| {
        let path = format!(".git/{folder}git-crypt/keys/default");
        fs::read(lab.join(path)).expect("a key in each")
    });
    assert_ne!(keys[0], keys[1]);
    sandbox.hs(&lab, ["unlock"]).succeeds();
    let retired = lab.join(".git/hs-secrets/retired/default/0");
    let stored = lab.join(".git/git-crypt/keys/default");
    let kept = [stored, retired].map(|path| fs::read(path).expect("a key"));
    assert_eq!(kept, keys);
    sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
    sandbox.hs(&lab, ["lock"]).fails_saying(&["the former key"]);
}

#[test]
fn lock_takes_no_other_key_along_that_a_linked_work_tree_has() {
    for in_linked in [false, true] {
        let sandbox = Sandbox::new();
        let lab = repository(&sandbox);
        let linked = link(&sandbox, &lab, "linked");
        let other = sandbox.repository("other");
        sandbox.hs(&other, ["init"]).succeeds();
        // The files that git-crypt has left there.
        let own = lab.join(".git/worktrees/linked/git-crypt/keys");
        fs::create_dir_all(&own).expect("a folder");
        let foreign = fs::read(other.join(".git/git-crypt/keys/default")).expect("a key");
        fs::write(own.join("default"), &foreign).expect("written");
        let shared = lab.join(".git/git-crypt/keys/default");
        let before = fs::read(&shared).expect("a key");
        if in_linked {
            let told = sandbox.hs(&linked, ["lock", "--force"]);
            told.fails_saying(&["exists nowhere else"]);
            let told = sandbox.hs(&linked, ["lock", "--force", "--discard-key"]);
            assert!(told.succeeds().stderr.contains("is another key"));
            assert!(!own.join("default").exists());
            assert_eq!(fs::read(&shared).expect("a key"), before);
        } else {
            let told = sandbox.hs(&lab, ["lock", "--force"]).succeeds().stderr;
            assert!(
                told.contains("worktrees/linked/git-crypt/keys/default is another key"),
                "{told}"
            );
            assert!(!shared.exists());
            assert_eq!(fs::read(own.join("default")).expect("a key"), foreign);
        }
    }
}

#[test]
fn lock_takes_the_key_that_a_linked_work_tree_reaches_by_a_link() {
    for shared in ["git-crypt", "git-crypt/keys", "git-crypt/keys/default"] {
        let sandbox = Sandbox::new();
        let lab = repository(&sandbox);
        let linked = link(&sandbox, &lab, "linked");
        let own = lab.join(".git/worktrees/linked").join(shared);
        fs::create_dir_all(own.parent().expect("a folder")).expect("created");
        std::os::unix::fs::symlink(lab.join(".git").join(shared), &own).expect("a link");
        let told = sandbox.hs(&linked, ["lock"]).succeeds().stderr;
        assert!(!told.contains("is another key"), "{told}");
        assert!(
            !lab.join(".git/git-crypt/keys/default").exists(),
            "{shared}"
        );
        assert!(!own.is_symlink() || own.is_dir(), "{shared}");
    }
}

#[test]
fn work_trees_that_are_gone_or_out_of_reach() {
    let sandbox = Sandbox::new();
    let lab = repository(&sandbox);
    let gone = link(&sandbox, &lab, "gone");
    fs::remove_dir_all(&gone).expect("removed");
    sandbox.hs(&lab, ["lock"]).succeeds();
    sandbox.hs(&lab, ["unlock", "../lab.key"]).succeeds();

    let away = link(&sandbox, &lab, "away");
    sandbox
        .git(&lab, ["worktree", "lock", "../away"])
        .succeeds();
    fs::rename(&away, sandbox.path("moved")).expect("moved");
    sandbox
        .hs(&lab, ["lock"])
        .fails_saying(&["/away can't be reached"]);
    assert_eq!(secret(&lab), b"opensesame\n");
    fs::rename(sandbox.path("moved"), &away).expect("moved back");
    sandbox.hs(&lab, ["lock"]).succeeds();
    assert!(secret(&away).starts_with(MAGIC));
}

#[test]
fn work_trees_of_a_bare_repository_share_its_key() {
    let sandbox = Sandbox::new();
    let lab = repository(&sandbox);
    let bare = sandbox.path("bare.git");
    sandbox
        .git(&lab, ["clone", "--quiet", "--bare", ".", "../bare.git"])
        .succeeds();
    let one = link(&sandbox, &bare, "one");
    let two = link(&sandbox, &bare, "two");
    sandbox.hs(&one, ["unlock", "../lab.key"]).succeeds();
    assert_eq!(secret(&one), b"opensesame\n");
    assert_eq!(secret(&two), b"opensesame\n");
    sandbox.hs(&bare, ["lock"]).succeeds();
    assert!(secret(&one).starts_with(MAGIC));
    assert!(secret(&two).starts_with(MAGIC));
}

/// An unlocked repository with one encrypted file, and its key in `lab.key`.
fn repository(sandbox: &Sandbox) -> PathBuf {
    sandbox.encrypted("lab", &[("api.key", "opensesame\n")])
}

fn link(sandbox: &Sandbox, repository: &Path, name: &str) -> PathBuf {
    let target = format!("../{name}");
    sandbox
        .git(
            repository,
            ["worktree", "add", "--quiet", "-b", name, &target, "main"],
        )
        .succeeds();
    sandbox.path(name)
}

fn secret(work_tree: &Path) -> Vec<u8> {
    fs::read(work_tree.join("api.key")).expect("there")
}

#[track_caller]
fn assert_clean(sandbox: &Sandbox, work_tree: &Path) {
    let status = sandbox.git(work_tree, ["status", "--porcelain"]).succeeds();
    assert_eq!(status.text(), "");
}
