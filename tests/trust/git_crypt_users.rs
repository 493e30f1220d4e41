//! A repository shared with users of git-crypt keeps working for both, before and after a rotation.

use std::path::{Path, PathBuf};

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::gnupg::GnupgHome;
use crate::harness::sandbox::{Run, Sandbox};

const SECRET: &[u8] = b"opensesame\n";

/// A repository that git-crypt has set up, with Alice as its first user, and two clones: one for each program.
struct Shared {
    sandbox: Sandbox,
    gnupg: GnupgHome,
    /// The clone in which git-crypt is used.
    theirs: PathBuf,
    /// The clone in which hs-secrets is used.
    ours: PathBuf,
}

impl Shared {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let gnupg = GnupgHome::new();
        gnupg.new_key(&sandbox, "Alice <alice@example.org>");
        let theirs = sandbox.repository("theirs");
        let attributes = b"*.key filter=git-crypt diff=git-crypt merge=git-crypt\n";
        write(&theirs, ".gitattributes", attributes);
        write(&theirs, "api.key", SECRET);
        let mut shared = Self {
            ours: sandbox.path("ours"),
            sandbox,
            gnupg,
            theirs,
        };
        let place = shared.theirs.clone();
        shared.run(&place, "git-crypt", &["init"]).succeeds();
        shared.git(&place, &["add", "."]);
        shared.git(&place, &["commit", "--quiet", "-m", "first"]);
        let add = ["add-gpg-user", "Alice"];
        shared.run(&place, "git-crypt", &add).succeeds();
        let top = shared.sandbox.path("");
        shared.git(&top, &["clone", "--quiet", "--bare", "theirs", "hub.git"]);
        shared.git(&place, &["remote", "add", "origin", "../hub.git"]);
        shared.ours = shared.clone_called("ours");
        shared
    }

    fn clone_called(&self, name: &str) -> PathBuf {
        let top = self.sandbox.path("");
        self.git(&top, &["clone", "--quiet", "hub.git", name]);
        self.sandbox.path(name)
    }

    fn run(&self, place: &Path, program: &str, arguments: &[&str]) -> Run {
        self.gnupg.run(&self.sandbox, place, program, arguments)
    }

    fn hs(&self, arguments: &[&str]) -> Run {
        self.run(&self.ours, "hs-secrets", arguments)
    }

    fn git_crypt(&self, arguments: &[&str]) -> Run {
        self.run(&self.theirs, "git-crypt", arguments)
    }

    #[track_caller]
    fn git(&self, place: &Path, arguments: &[&str]) {
        self.sandbox.git(place, arguments).succeeds();
    }

    /// Pushes the commits of one clone and pulls them into the other.
    #[track_caller]
    fn hand_over(&self, from: &Path, to: &Path) {
        self.git(from, &["push", "--quiet", "origin", "main"]);
        self.git(to, &["pull", "--quiet", "--no-rebase", "origin", "main"]);
    }

    /// Asserts that each program opens the newest commit in a fresh clone.
    #[track_caller]
    fn assert_opens_for_both(&self, name: &str) {
        for program in ["git-crypt", "hs-secrets"] {
            let clone = self.clone_called(&format!("{name}-{program}"));
            self.run(&clone, program, &["unlock"]).succeeds();
            assert_eq!(read(&clone, "api.key"), SECRET, "{program}");
            self.run(&clone, program, &["lock"]).succeeds();
            assert!(read(&clone, "api.key").starts_with(MAGIC), "{program}");
        }
    }
}

#[test]
#[ignore = "needs GPG and git-crypt: tests/run.sh"]
fn what_git_crypt_has_set_up_is_joined_shared_and_rotated() {
    let shared = Shared::new();
    shared.hs(&["unlock"]).succeeds();
    assert_eq!(read(&shared.ours, "api.key"), SECRET);
    // As long as there is no list of holders, nobody is asked to vouch, and adding somebody needs no confirmation.
    let bob = shared
        .gnupg
        .new_key(&shared.sandbox, "Bob <bob@example.org>");
    let told = shared.hs(&["add-gpg-user", "Bob"]).succeeds().stderr;
    assert!(!told.contains("attested"), "{told}");
    shared.hand_over(&shared.ours, &shared.theirs);
    assert_eq!(read(&shared.theirs, "api.key"), SECRET);
    shared.assert_opens_for_both("before");

    // This clone's first rotation asks about Alice, whom this clone has not accepted, and says how to answer.
    let alice = shared.gnupg.fingerprint(&shared.sandbox, "Alice");
    let told = shared.hs(&["rotate-key", "--commit"]);
    let told = told.fails_saying(&["has not accepted", &alice]).stderr;
    assert!(told.contains("`rotate-key --trust ID`"), "{told}");
    assert!(!told.contains(&bob), "{told}");
    let trust = ["rotate-key", "--commit", "--trust", &alice];
    let told = shared.hs(&trust).succeeds().stderr;
    assert!(told.contains("with git-crypt itself: `lock`, `git pull`, `unlock`"));
    shared.git_crypt(&["lock"]).succeeds();
    shared.hand_over(&shared.ours, &shared.theirs);
    shared.git_crypt(&["unlock"]).succeeds();
    assert_eq!(read(&shared.theirs, "api.key"), SECRET);
    shared.assert_opens_for_both("after");
}

#[test]
#[ignore = "needs GPG and git-crypt: tests/run.sh"]
fn after_a_rotation_a_user_of_git_crypt_adds_and_writes_and_the_next_rotation_asks() {
    let shared = Shared::new();
    shared.hs(&["unlock"]).succeeds();
    let alice = shared.gnupg.fingerprint(&shared.sandbox, "Alice");
    let trust = ["rotate-key", "--commit", "--trust", &alice];
    shared.hs(&trust).succeeds();
    shared.git_crypt(&["lock"]).succeeds();
    shared.hand_over(&shared.ours, &shared.theirs);
    shared.git_crypt(&["unlock"]).succeeds();

    let carol = shared
        .gnupg
        .new_key(&shared.sandbox, "Carol <carol@example.org>");
    shared.git_crypt(&["add-gpg-user", "Carol"]).succeeds();
    write(&shared.theirs, "new.key", b"of git-crypt\n");
    shared.git(&shared.theirs, &["add", "new.key"]);
    shared.git(&shared.theirs, &["commit", "--quiet", "-m", "theirs"]);
    shared.hand_over(&shared.theirs, &shared.ours);
    assert_eq!(read(&shared.ours, "new.key"), b"of git-crypt\n");
    // git-crypt has wrapped the key that everybody already has: this works, and the missing attestation is reported.
    shared.assert_opens_for_both("added");
    let short = shared.hs(&["status", "--short"]).succeeds().text();
    assert!(short.contains("without a holder's word"), "{short}");
    assert!(short.contains(&carol), "{short}");
    let told = shared.hs(&["rotate-key", "--commit"]);
    let told = told.fails_saying(&["has not accepted", &carol]).stderr;
    assert!(told.contains("`rotate-key --trust ID`"), "{told}");
    // Adding Carol again vouches for her.
    shared.hs(&["add-gpg-user", "Carol"]).succeeds();
    assert_eq!(shared.hs(&["status", "--short"]).succeeds().text(), "");
    shared.hs(&["rotate-key", "--commit"]).succeeds();
    shared.git_crypt(&["lock"]).succeeds();
    shared.hand_over(&shared.ours, &shared.theirs);
    shared.git_crypt(&["unlock"]).succeeds();
    assert_eq!(read(&shared.theirs, "new.key"), b"of git-crypt\n");
    shared.assert_opens_for_both("again");
}
