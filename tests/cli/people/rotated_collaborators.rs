//! `rotate-key` in a shared repository: remaining collaborators open it with either program, removed ones can't.

use std::path::{Path, PathBuf};

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::gnupg::GnupgHome;
use crate::harness::sandbox::{Run, Sandbox};

#[test]
#[ignore = "needs GPG: tests/run.sh"]
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
    // The key that Bob has kept opens old versions, but no new ones.
    team.sandbox
        .hs(&clone, ["unlock", "../lab.key"])
        .fails_saying(&["was rotated out"]);
    assert_locked(&clone, &["api.key", "pager.ops"]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
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
#[ignore = "needs GPG: tests/run.sh"]
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

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn whose_clone_is_unlocked_just_unlocks_again() {
    let team = Team::new();
    let clones = [team.cloned(), team.cloned()];
    let unlock = |number: usize| match number {
        0 => {
            let agreed = ["unlock", "--accept-rotation"];
            team.bobs
                .run(&team.sandbox, &clones[0], "hs-secrets", agreed)
        }
        _ => {
            let identity = ["unlock", "--accept-rotation", "-i", "../carol.txt"];
            team.sandbox.hs(&clones[1], identity)
        }
    };
    let pull = |number: usize| {
        let pull = ["pull", "--quiet", "--ff-only"];
        team.sandbox.git(&clones[number], pull)
    };
    for number in 0..2 {
        unlock(number).succeeds();
    }
    // Changes to files of the other key.
    for clone in &clones {
        write(clone, "pager.ops", b"changed\n");
    }
    team.alice(&["rotate-key", "--commit"]).succeeds();
    let rotated = team.alice(&["export-key", "-"]).succeeds().stdout;
    for (number, clone) in clones.iter().enumerate() {
        let told = pull(number).ends_with(128).stderr;
        let hint = "wrapped in origin/main: if it was rotated, `hs-secrets unlock` takes over";
        assert!(told.contains(hint), "{told}");
        // A second `unlock` changes nothing. The old key, which is wrapped here until the pull, does not come back.
        for _ in 0..2 {
            unlock(number).succeeds();
            let key = read(clone, ".git/git-crypt/keys/default");
            assert_eq!(key, rotated, "{number}");
        }
        pull(number).succeeds();
        assert_unlocked(clone, &["api.key"]);
        let status = team.sandbox.git(clone, ["status", "--porcelain"]);
        assert_eq!(status.succeeds().text(), " M pager.ops\n");
        assert_eq!(read(clone, "pager.ops"), b"changed\n");
        team.sandbox.git(clone, ["log", "-p"]).succeeds();
    }
}

#[test]
#[ignore = "needs GPG: tests/run.sh"]
fn who_was_a_collaborator_finds_the_old_key_in_the_history() {
    let team = Team::new();
    team.alice(&["rotate-key", "--commit", "--no-history"])
        .succeeds();
    let clone = team.cloned();
    team.bob(&clone, "hs-secrets").succeeds();
    let git = |arguments: &[&str]| team.sandbox.git(&clone, arguments);
    git(&["log", "-p"]).ends_with(128);
    let bob = team.bobs.fingerprint(&team.sandbox, "Bob");
    let wrapped = git(&[
        "show",
        &format!("HEAD~1:.git-crypt/keys/default/0/{bob}.gpg"),
    ]);
    write(&clone, "../old.gpg", &wrapped.succeeds().stdout);
    let old = team.bobs.gpg(&team.sandbox, ["--decrypt", "old.gpg"]);
    let retire = ["unlock", "--retired", "-"];
    let key = &old.succeeds().stdout;
    team.sandbox
        .run(&clone, "hs-secrets", retire, key)
        .succeeds();
    git(&["log", "-p"]).succeeds();
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn who_was_removed_is_told_that_the_new_key_is_not_theirs() {
    let team = Team::new();
    let clone = team.cloned();
    team.bob(&clone, "hs-secrets").succeeds();
    team.alice(&["rm-gpg-user", "Bob"]).succeeds();
    team.alice(&["rotate-key", "--commit"]).succeeds();
    let old = read(&clone, ".git/git-crypt/keys/default");
    team.sandbox.git(&clone, ["fetch", "--quiet"]).succeeds();
    let told = team.bob(&clone, "hs-secrets").succeeds().stderr;
    let warning = "the new key of origin/main is not open to you";
    assert!(told.contains(warning), "{told}");
    assert_eq!(read(&clone, ".git/git-crypt/keys/default"), old);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_key_that_was_rotated_out_does_not_come_back_with_commits_of_before() {
    let team = Team::new();
    let clone = team.cloned();
    let alice = |arguments: &[&str]| {
        let run = team.alices.hs(&team.sandbox, &clone, arguments);
        run.succeeds()
    };
    alice(&["unlock"]);
    // A fresh clone has not accepted anybody yet.
    let fingerprint = |name: &str| team.alices.fingerprint(&team.sandbox, name);
    let (mine, bobs) = (fingerprint("Alice"), fingerprint("Bob"));
    let trust = ["--trust", &mine, "--trust", &bobs, "--trust", &team.carol];
    alice(&[&["rotate-key", "--commit"][..], &trust].concat());
    let rotated = alice(&["export-key", "-"]).stdout;
    write(
        &team.lab,
        "api.key",
        b"changed by one who does not know yet\n",
    );
    team.git(&["commit", "--quiet", "-am", "changed"]);
    let git = |arguments: &[&str]| team.sandbox.git(&clone, arguments).succeeds();
    git(&["fetch", "--quiet"]);
    alice(&["unlock"]);
    assert_eq!(alice(&["export-key", "-"]).stdout, rotated);
    git(&["checkout", "--quiet", "HEAD~1"]);
    alice(&["unlock"]);
    assert_eq!(alice(&["export-key", "-"]).stdout, rotated);
    git(&["checkout", "--quiet", "main"]);
    assert_unlocked(&clone, &["api.key", "pager.ops"]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_key_of_one_who_does_not_know_the_files_takes_no_place() {
    let team = Team::new();
    write(&team.lab, "b.key", b"hunter2\n");
    team.git(&["add", "b.key"]);
    team.git(&["commit", "--quiet", "-m", "another"]);
    let clone = team.cloned();
    let unlock = ["unlock", "-i", "../carol.txt"];
    team.sandbox.hs(&clone, unlock).succeeds();
    let key = read(&clone, ".git/git-crypt/keys/default");

    // Carol's public key lies in the repository, so anybody can wrap a key for her, and encrypt a file with it.
    let evil = team
        .sandbox
        .encrypted("evil", &[("api.key", "of a stranger\n")]);
    let add = ["add-age-user", &team.carol];
    team.sandbox.hs(&evil, add).succeeds();
    for file in ["api.key", ".git-crypt/keys/default/0"] {
        let stored = team.sandbox.git(&evil, ["ls-tree", "-r", "HEAD", file]);
        for line in stored.succeeds().text().lines() {
            let (entry, path) = line.split_once('\t').expect("an entry");
            let id = entry.rsplit(' ').next().expect("a blob");
            let blob = team.sandbox.git(&evil, ["cat-file", "blob", id]).stdout;
            let write = ["hash-object", "-w", "--stdin"];
            team.sandbox.run(&team.lab, "git", write, &blob).succeeds();
            team.git(&[
                "update-index",
                "--add",
                "--cacheinfo",
                &format!("100644,{id},{path}"),
            ]);
        }
    }
    team.git(&["commit", "--quiet", "-m", "rotated, honestly"]);
    let git = |arguments: &[&str]| team.sandbox.git(&clone, arguments);
    git(&["fetch", "--quiet"]).succeeds();
    let doubts = "nothing signed with that says";
    let told = team.sandbox.hs(&clone, unlock).succeeds().stderr;
    assert!(told.contains(doubts), "{told}");
    assert_eq!(read(&clone, ".git/git-crypt/keys/default"), key);
    git(&["pull", "--quiet"]).ends_with(128);
    let told = team.sandbox.hs(&clone, unlock).ends_with(1).stderr;
    assert!(told.contains("api.key is not in the work tree"), "{told}");
    git(&["checkout", "--", "api.key"]).succeeds();
    team.sandbox.hs(&clone, unlock).succeeds();
    assert_eq!(read(&clone, ".git/git-crypt/keys/default"), key);
    // Not even after the key was pulled.
    git(&["reset", "--quiet", "--soft", "origin/main"]).succeeds();
    git(&["read-tree", "HEAD"]).succeeds();
    let told = team.sandbox.hs(&clone, unlock).stderr;
    assert!(told.contains(doubts), "{told}");
    assert_eq!(read(&clone, ".git/git-crypt/keys/default"), key);
}

/// A repository with two keys and three collaborators who have both: Alice and Bob by GPG, Carol by age.
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
        self.alices.hs(&self.sandbox, &self.lab, arguments)
    }

    /// Bob tries to unlock.
    fn bob(&self, clone: &Path, program: &str) -> Run {
        self.bobs.run(&self.sandbox, clone, program, ["unlock"])
    }

    /// The name under which a collaborator is shown.
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
