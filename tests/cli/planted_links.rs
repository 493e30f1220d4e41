//! Links that an attacker who can push puts where the program writes: none of them is followed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;

/// Alice's unlocked clone, and that of Mallory, who pushes without any key.
struct Shared {
    sandbox: Sandbox,
    alice: PathBuf,
    mallory: PathBuf,
}

impl Shared {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let alice = sandbox.encrypted("alice", &[("api.key", "opensesame\n")]);
        let top = sandbox.path("");
        sandbox
            .git(&top, ["clone", "--quiet", "--bare", "alice", "hub.git"])
            .succeeds();
        sandbox
            .git(&alice, ["remote", "add", "origin", "../hub.git"])
            .succeeds();
        sandbox.git(&alice, ["fetch", "--quiet"]).succeeds();
        sandbox
            .git(&top, ["clone", "--quiet", "hub.git", "mallory"])
            .succeeds();
        let mallory = sandbox.path("mallory");
        fs::create_dir(sandbox.path("outside")).expect("a new folder");
        fs::write(sandbox.path("outside/profile"), "mine\n").expect("a new file");
        Self {
            sandbox,
            alice,
            mallory,
        }
    }

    fn pushed(&self) {
        let git = |place: &Path, arguments: &[&str]| {
            self.sandbox.git(place, arguments).succeeds();
        };
        git(&self.mallory, &["add", "--all", "--force"]);
        git(&self.mallory, &["commit", "--quiet", "-m", "planted"]);
        git(&self.mallory, &["push", "--quiet", "origin", "HEAD"]);
        let branch = self
            .sandbox
            .git(&self.mallory, ["branch", "--show-current"]);
        let branch = branch.succeeds().text();
        git(&self.alice, &["pull", "--quiet", "origin", branch.trim()]);
    }

    fn link(&self, target: &str, path: &str) {
        let place = self.mallory.join(path);
        fs::create_dir_all(place.parent().expect("it has one")).expect("folders");
        symlink(target, place).expect("a new link");
    }

    fn assert_outside_untouched(&self) {
        let outside = self.sandbox.path("outside");
        let profile = fs::read(outside.join("profile")).expect("it is there");
        assert_eq!(profile, b"mine\n");
        assert_eq!(fs::read_dir(&outside).expect("it is there").count(), 1);
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn wrapped_keys_and_their_attributes_are_written_through_no_link() {
    for (target, path) in [
        ("../.git/info/attributes", ".git-crypt/.gitattributes"),
        ("../outside", ".git-crypt"),
        ("../../outside", ".git-crypt/keys"),
        ("../../../outside", ".git-crypt/keys/default"),
        ("../../../../outside", ".git-crypt/keys/default/0"),
    ] {
        let shared = Shared::new();
        let before = fs::read(shared.alice.join(".git/info/attributes")).ok();
        shared.link(target, path);
        shared.pushed();
        let recipient = shared.sandbox.new_age_key("bob.txt");
        let refused = shared
            .sandbox
            .hs(&shared.alice, ["add-age-user", &recipient]);
        refused.fails_saying(&[path, "is a symbolic link"]);
        let after = fs::read(shared.alice.join(".git/info/attributes")).ok();
        assert_eq!(after, before, "{path}");
        shared.assert_outside_untouched();
    }
}

#[test]
fn a_baseline_is_written_below_the_top_and_through_no_link() {
    let shared = Shared::new();
    let profile = shared.sandbox.path("outside/profile");
    let absolute = profile.to_str().expect("plain letters");
    for place in [
        absolute,
        "../outside/profile",
        ".git/hooks/pre-commit",
        "planted",
    ] {
        fs::write(
            shared.mallory.join(".hs-secrets.toml"),
            format!("[check]\nbaseline = \"{place}\"\n"),
        )
        .expect("a new file");
        if place == "planted" {
            shared.link("../outside/new", place);
        }
        shared.pushed();
        let written = shared
            .sandbox
            .hs(&shared.alice, ["check", "--all", "--write-baseline"]);
        assert_ne!(written.code, 0, "{place}: {}", written.stderr);
        shared.assert_outside_untouched();
        assert!(!shared.alice.join(".git/hooks/pre-commit").exists());
    }
}

#[test]
fn a_rendered_file_is_written_through_no_link() {
    let shared = Shared::new();
    fs::create_dir(shared.mallory.join("web")).expect("a new folder");
    fs::write(
        shared.mallory.join("web/stack.yml"),
        "services:\n  web:\n    image: nginx\n",
    )
    .expect("a new file");
    shared.link("../../outside/profile", "web/rendered.yml");
    shared.link("../outside", "folder");
    shared.pushed();
    for output in ["web/rendered.yml", "folder/new.yml"] {
        let place = output
            .split_once("/new")
            .map_or(output, |(folder, _)| folder);
        let refused = shared
            .sandbox
            .hs(&shared.alice, ["render", "web", "--output", output]);
        refused.fails_saying(&[place, "is a symbolic link"]);
        shared.assert_outside_untouched();
    }
    // A path that the user alone has chosen is still written.
    let beside = ["render", "web", "--output", "../rendered.yml"];
    shared.sandbox.hs(&shared.alice, beside).succeeds();
    assert!(shared.sandbox.path("rendered.yml").is_file());
}
