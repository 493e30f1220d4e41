//! Places other than an ordinary clone: linked work trees, a bare clone on a manager, a CI with the key in a variable.

use std::path::{Path, PathBuf};

use hs_secrets::internals::Accepted;

use crate::harness::desk::{MAGIC, read};
use crate::harness::sandbox::{Run, run};
use crate::lab::{Lab, SECRET};
use crate::scene::{Scene, published_secret};

impl Lab {
    /// A linked work tree of Alice's clone, on a branch of its own.
    fn linked(&self) -> PathBuf {
        let add = ["worktree", "add", "--quiet", "-b", "other", "../linked"];
        self.git(&[&add[..], &["origin/main"]].concat());
        self.sandbox.path("linked")
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_linked_work_tree_follows_a_rotation_for_all_of_them() {
    let lab = Lab::new();
    let linked = lab.linked();
    lab.rotate(1);
    lab.git(&["fetch", "--quiet"]);
    let merge = ["merge", "--quiet", "--ff-only", "origin/main"];
    let told = lab.sandbox.hs(&linked, ["unlock"]).succeeds().stderr;
    assert!(told.contains("you have not agreed"), "{told}");
    assert_eq!(lab.key(), lab.first_key());
    let accept = ["unlock", "--accept-rotation"];
    lab.sandbox.hs(&linked, accept).succeeds();
    assert_eq!(lab.key(), lab.newest_key());
    for place in [&lab.alice, &linked] {
        lab.sandbox.git(place, merge).succeeds();
        assert_eq!(read(place, "web/db.key"), SECRET.as_bytes());
        let changed = lab.sandbox.git(place, ["status", "--porcelain"]);
        assert_eq!(changed.succeeds().text(), "");
    }
    assert!(!linked.join(".git/hs-secrets").exists());
    let own = lab.alice.join(".git/worktrees/linked/hs-secrets/known");
    assert!(!own.exists(), "one memory for all of them");
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_linked_work_tree_on_a_branch_without_upstream_is_told_of_what_the_main_one_has_fetched() {
    let lab = Lab::new();
    let add = [
        "worktree",
        "add",
        "--quiet",
        "--no-track",
        "-b",
        "other",
        "../linked",
    ];
    lab.git(&add);
    let linked = lab.sandbox.path("linked");
    lab.rotate(1);
    lab.git(&["fetch", "--quiet"]);
    let told = lab.sandbox.hs(&linked, ["unlock"]).succeeds().stderr;
    assert!(told.contains("you have not agreed"), "{told}");
    assert_eq!(lab.key(), lab.first_key());
    let accept = ["unlock", "--accept-rotation"];
    lab.sandbox.hs(&linked, accept).succeeds();
    assert_eq!(lab.key(), lab.newest_key());
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_foreign_key_is_refused_in_every_work_tree_that_shares_the_memory() {
    let lab = Lab::new();
    let linked = lab.linked();
    lab.sandbox.hs(&linked, ["lock"]).succeeds();
    lab.push_foreign_key("of mallory\n");
    lab.git(&["pull", "--quiet"]);
    lab.sandbox
        .git(&linked, ["merge", "--quiet", "main"])
        .succeeds();
    for place in [&linked, &lab.alice] {
        lab.sandbox
            .hs(place, ["unlock"])
            .fails_saying(&["nothing signed with that says"]);
        assert!(read(place, "web/db.key").starts_with(MAGIC));
    }
    assert!(!lab.alice.join(".git/git-crypt/keys/default").exists());
}

impl Lab {
    /// A bare clone, as on a manager, with Alice's identity next to it.
    fn manager(&self) -> PathBuf {
        let clone = ["clone", "--quiet", "--mirror", "hub.git", "manager.git"];
        self.sandbox.git(&self.sandbox.path(""), clone).succeeds();
        self.sandbox.path("manager.git")
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_bare_clone_opens_the_pinned_key_and_follows_a_rotation_only_when_told() {
    let lab = Lab::new();
    let manager = lab.manager();
    let unlock = |more: &[&str]| {
        let arguments = [&["unlock", "-i", "../alice.txt"], more].concat();
        lab.sandbox.hs(&manager, arguments)
    };
    let other = "0123456789abcdef0123456789abcdef";
    unlock(&["--key-id", other]).fails_saying(&["the available key is", other]);
    let key = manager.join("git-crypt/keys/default");
    assert!(!key.exists());
    let memory = read(&lab.alice, ".git/hs-secrets/known/default");
    let memory = String::from_utf8(memory).expect("text");
    let id = memory.split('"').nth(1).expect("the key's id");
    unlock(&["--key-id", id]).succeeds();
    assert_eq!(read(&manager, "git-crypt/keys/default"), lab.first_key());

    lab.rotate(1);
    let fetch = ["fetch", "--quiet"];
    lab.sandbox.git(&manager, fetch).succeeds();
    unlock(&[]).fails_saying(&["you have not agreed"]);
    assert_eq!(read(&manager, "git-crypt/keys/default"), lab.first_key());
    unlock(&["--accept-rotation"]).succeeds();
    assert_eq!(read(&manager, "git-crypt/keys/default"), lab.newest_key());

    lab.mallory(&["pull", "--quiet"]);
    lab.push_foreign_key("of mallory\n");
    lab.sandbox.git(&manager, fetch).succeeds();
    for agree in [&[][..], &["--accept-rotation"]] {
        unlock(agree).fails_saying(&["nothing signed with that says"]);
        assert_eq!(read(&manager, "git-crypt/keys/default"), lab.newest_key());
    }
}

/// The secret that `sync --rev main` would publish from the clone at `place`, or the error.
fn secret_at(place: &Path) -> Result<String, String> {
    let accepted = Accepted {
        plaintext: false,
        retired_keys: false,
    };
    published_secret(place, Some("main"), accepted)
}

#[test]
fn a_bare_clone_publishes_what_its_key_opens_before_and_after_a_rotation() {
    let scene = Scene::new();
    let sandbox = &scene.sandbox;
    let export = |name: &str| scene.victim_runs(&["export-key", name]).succeeds();
    export("../old.key");
    let clone = ["clone", "--quiet", "--mirror", "origin.git", "manager.git"];
    sandbox.git(&sandbox.path(""), clone).succeeds();
    let manager = sandbox.path("manager.git");
    let fetch = || sandbox.git(&manager, ["fetch", "--quiet"]).succeeds();
    let unlock = |key: &str| sandbox.hs(&manager, ["unlock", key]);
    unlock("../old.key").succeeds();
    assert_eq!(secret_at(&manager).as_deref(), Ok("correct horse\n"));
    let render = ["render", "web", "--rev", "main"];
    let rendered = sandbox.hs(&manager, render).succeeds().text();
    assert!(rendered.contains("external: true"), "{rendered}");

    scene.victim_runs(&["rotate-key"]).succeeds();
    scene.victim_pushes();
    export("../new.key");
    fetch();
    let closed = secret_at(&manager).expect_err("the old key opens nothing new");
    assert!(closed.contains("web/secret/db"), "{closed}");
    unlock("../old.key").fails_saying(&["was rotated out"]);
    unlock("../new.key").succeeds();
    assert_eq!(secret_at(&manager).as_deref(), Ok("correct horse\n"));

    // An attacker with the old key and the right to push can't change this.
    scene.git_of_attacker(&["pull", "--quiet"]);
    let mut clean = sandbox.command(&scene.attacker, "hs-secrets");
    clean.args(["clean", "--key-file", "../old.key"]);
    scene.attacker_writes("web/secret/db", run(clean, b"evil\n").succeeds().stdout);
    scene.attacker_pushes();
    fetch();
    let refused = secret_at(&manager).expect_err("the key was rotated out");
    assert!(refused.contains("was rotated out"), "{refused}");
    unlock("../old.key").fails_saying(&["was rotated out"]);
}

impl Lab {
    /// `unlock --key-env CI_KEY`, with the key from a file.
    fn unlock_by_variable(&self, place: &Path, key_file: &str) -> Run {
        let value = read(&self.sandbox.path(""), key_file);
        let value = String::from_utf8(value).expect("base64");
        let mut command = self.sandbox.command(place, "hs-secrets");
        command.env("CI_KEY", value.trim());
        command.args(["unlock", "--key-env", "CI_KEY"]);
        run(command, b"")
    }

    fn export_for_ci(&self, key_file: &str) {
        let first = self.sandbox.path("first");
        let export = ["export-key", "--base64", "-"];
        let value = self.sandbox.hs(&first, export).succeeds().stdout;
        std::fs::write(self.sandbox.path(key_file), value).expect("written");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_ci_by_variable_is_told_of_a_rotation_and_goes_on_with_the_new_value() {
    let lab = Lab::new();
    lab.export_for_ci("old.txt");
    let git = |place: &Path, arguments: &[&str]| lab.sandbox.git(place, arguments).succeeds();
    // One work tree stays unlocked between CI runs, the other one is locked after each run.
    let (kept, locked) = (lab.fresh(), lab.fresh());
    for place in [&kept, &locked] {
        lab.unlock_by_variable(place, "old.txt").succeeds();
        assert_eq!(read(place, "web/db.key"), SECRET.as_bytes());
    }
    lab.sandbox.hs(&locked, ["lock"]).succeeds();
    lab.rotate(1);
    lab.export_for_ci("new.txt");
    git(&locked, &["pull", "--quiet"]);
    let refused = lab.unlock_by_variable(&locked, "old.txt");
    refused.fails_saying(&["was rotated out"]);
    assert!(read(&locked, "web/db.key").starts_with(MAGIC));
    // A new work tree knows only what is signed.
    let fresh = lab.fresh();
    let refused = lab.unlock_by_variable(&fresh, "old.txt");
    refused.fails_saying(&["was rotated out"]);
    assert!(!fresh.join(".git/git-crypt/keys/default").exists());

    git(&kept, &["fetch", "--quiet"]);
    for place in [&kept, &locked, &fresh] {
        lab.unlock_by_variable(place, "new.txt").succeeds();
        git(place, &["pull", "--quiet"]);
        assert_eq!(read(place, "web/db.key"), SECRET.as_bytes());
        assert_eq!(read(place, ".git/git-crypt/keys/default"), lab.newest_key());
        git(place, &["log", "-p"]);
        // A delayed CI run from before the rotation does not bring the old key back.
        let refused = lab.unlock_by_variable(place, "old.txt");
        refused.fails_saying(&["was rotated out"]);
    }
}
