//! `rotate-key` in a shared repository: those who remain open it with either program, those who were removed don't.

use std::path::{Path, PathBuf};

use crate::harness::desk::{MAGIC, read};
use crate::harness::gnupg::GnupgHome;
use crate::harness::sandbox::{Run, Sandbox};

#[test]
fn who_remains_opens_all_keys_with_either_program_and_who_was_removed_none() {
    let team = Team::new();
    team.alice(&["rm-gpg-user", "--all", "Bob"]).succeeds();
    for key in [&[][..], &["-k", "ops"]] {
        let arguments = [&["rotate-key", "--commit"], key].concat();
        let told = team.alice(&arguments).succeeds().stderr;
        for name in ["Alice <alice@example.org>", &team.carol] {
            let line = format!("wrapped the new key for {}", team.shown(name));
            assert!(told.contains(&line), "`{line}` is not in {told}");
        }
        assert!(!told.contains("Bob"), "{told}");
    }
    for program in ["hs-secrets", "git-crypt"] {
        let clone = team.cloned();
        team.alices
            .run(&team.sandbox, &clone, program, ["unlock"])
            .succeeds();
        assert_unlocked(&clone, &["api.key", "pager.ops"]);
    }
    let clone = team.cloned();
    team.sandbox
        .hs(&clone, ["unlock", "-i", "../carol.txt"])
        .succeeds();
    assert_unlocked(&clone, &["api.key", "pager.ops"]);

    let clone = team.cloned();
    team.bob(&clone, "git-crypt").ends_with(1);
    team.bob(&clone, "hs-secrets")
        .fails_saying(&["none of your secret keys"]);
    // What he has kept opens what was there before, and nothing of what comes.
    team.sandbox
        .hs(&clone, ["unlock", "../lab.key"])
        .fails_saying(&["wrong key"]);
    assert_locked(&clone, &["api.key", "pager.ops"]);
}

#[test]
fn who_was_removed_from_one_key_keeps_the_other() {
    let team = Team::new();
    team.alice(&["rm-gpg-user", "Bob"]).succeeds();
    let told = team.alice(&["rotate-key", "--commit"]).succeeds().stderr;
    assert!(!told.contains("Bob"), "{told}");
    for program in ["hs-secrets", "git-crypt"] {
        let clone = team.cloned();
        team.bob(&clone, program).succeeds();
        assert_locked(&clone, &["api.key"]);
        assert_unlocked(&clone, &["pager.ops"]);
    }
    let told = team.alice(&["rotate-key", "-k", "ops"]).succeeds().stderr;
    assert!(told.contains("for") && told.contains("Bob"), "{told}");
}

#[test]
fn a_collaborator_whose_public_key_is_not_here_stops_it_before_anything_is_changed() {
    let team = Team::new();
    team.alices
        .gpg(&team.sandbox, ["--yes", "--delete-keys", "bob@example.org"])
        .succeeds();
    let index = team.git(&["ls-files", "--stage"]);
    let bob = team.bobs.fingerprint(&team.sandbox, "Bob");
    let run = team.alice(&["rotate-key"]).fails_saying(&[&bob]);
    assert!(run.stderr.contains("rm-gpg-user"), "{}", run.stderr);
    assert_eq!(team.git(&["ls-files", "--stage"]), index);
    assert_eq!(team.git(&["status", "--porcelain"]), "");
    team.alice(&["rotate-key", "--abort"])
        .fails_saying(&["no rotation"]);
}

/// A repository with two keys and three collaborators who have both: Alice and Bob with GPG, Carol with age.
struct Team {
    sandbox: Sandbox,
    lab: PathBuf,
    alices: GnupgHome,
    bobs: GnupgHome,
    /// Carol's public key.
    carol: String,
}

impl Team {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let (alices, bobs) = (GnupgHome::new(), GnupgHome::new());
        alices.new_key(&sandbox, "Alice <alice@example.org>");
        bobs.new_key(&sandbox, "Bob <bob@example.org>");
        alices.import_from(&sandbox, &bobs, "Bob");
        let lab = sandbox.encrypted("lab", &[("api.key", SECRET), ("pager.ops", SECRET)]);
        let carol = sandbox.new_age_key("carol.txt");
        let team = Self {
            sandbox,
            lab,
            alices,
            bobs,
            carol,
        };
        for key in [&[][..], &["-k", "ops"]] {
            let gpg = [&["add-gpg-user", "--trusted", "Alice", "Bob"], key].concat();
            team.alice(&gpg).succeeds();
            let age = [&["add-age-user", &team.carol], key].concat();
            team.alice(&age).succeeds();
        }
        team
    }

    fn alice(&self, arguments: &[&str]) -> Run {
        self.alices
            .run(&self.sandbox, &self.lab, "hs-secrets", arguments)
    }

    /// Bob's attempt to unlock.
    fn bob(&self, clone: &Path, program: &str) -> Run {
        self.bobs.run(&self.sandbox, clone, program, ["unlock"])
    }

    /// How a collaborator is named.
    fn shown(&self, name: &str) -> String {
        match name.split_once(' ') {
            Some((first, _)) => {
                format!("{} {name}", self.alices.fingerprint(&self.sandbox, first))
            }
            None => name.to_owned(),
        }
    }

    fn cloned(&self) -> PathBuf {
        self.sandbox.cloned(&self.lab)
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.sandbox.git(&self.lab, arguments).succeeds().text()
    }
}

const SECRET: &str = "opensesame\n";

#[track_caller]
fn assert_unlocked(clone: &Path, paths: &[&str]) {
    for path in paths {
        assert_eq!(read(clone, path), SECRET.as_bytes(), "{path}");
    }
}

#[track_caller]
fn assert_locked(clone: &Path, paths: &[&str]) {
    for path in paths {
        assert!(read(clone, path).starts_with(MAGIC), "{path} is open");
    }
}
