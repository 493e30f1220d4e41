//! Killed at any system call that changes something, `rotate-key` has done nothing, or can be continued and undone; no
//! content is lost, and what is staged opens for those it is wrapped for.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use crate::harness::desk::{Desk, MAGIC, read, write};
use crate::harness::kill::{INTERRUPT, Interruption, killed_everywhere};
use crate::harness::sandbox::{Run, Sandbox};

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_rotation_that_is_killed_is_continued() {
    let desk = Rotation::new();
    desk.killed(Interruption::Kill, &[], &["rotate-key"], Rotation::goes_on);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_rotation_that_is_killed_is_undone() {
    let desk = Rotation::new();
    desk.killed(
        Interruption::Kill,
        &[],
        &["rotate-key"],
        Rotation::goes_back,
    );
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_rotation_whose_git_is_killed_is_continued_or_undone() {
    let desk = Rotation::new();
    desk.killed(
        Interruption::KillAnyone,
        &[],
        &["rotate-key"],
        |desk, at| match at.len() % 2 {
            0 => desk.goes_on(at),
            _ => desk.goes_back(at),
        },
    );
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_rotation_that_is_interrupted_stops_and_is_continued() {
    let desk = Rotation::new();
    desk.killed(INTERRUPT, &[], &["rotate-key"], Rotation::goes_on);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn undoing_that_is_killed_is_undone() {
    let desk = Rotation::new();
    let begun: &[&[&str]] = &[&["rotate-key"]];
    let undo = ["rotate-key", "--abort"];
    desk.killed(Interruption::Kill, begun, &undo, Rotation::goes_back);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn continuing_that_is_killed_is_continued() {
    let desk = Rotation::new();
    let begun: &[&[&str]] = &[&["rotate-key"]];
    let continued = ["rotate-key", "--continue"];
    desk.killed(Interruption::Kill, begun, &continued, Rotation::goes_on);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_rotation_that_commits_and_is_killed_is_committed_or_continued() {
    let desk = Rotation::new();
    fs::write(desk.home.join("api.key"), SECRET).expect("written");
    let commit = ["rotate-key", "--commit"];
    desk.killed(Interruption::Kill, &[], &commit, |desk, _| {
        let changed = desk.git(&["status", "--porcelain"]);
        let committed = desk.git(&["log", "--format=%s"]).starts_with("Rotate");
        assert!(!committed || changed.is_empty(), "{changed}");
        if !committed {
            desk.finish(&["rotate-key", "--continue", "--commit"], &commit);
        }
        desk.assert_rotated();
    });
}

const SECRET: &[u8] = b"opensesame\n";
const WORK: &[u8] = b"opensesame, and work of mine\n";

/// A repository with two encrypted files, one of them modified, and a collaborator; copied anew for each kill.
struct Rotation {
    desk: Desk,
    /// The folder that is copied.
    home: PathBuf,
    index: String,
    /// The line of the clone's memory that says which key it uses.
    key_id: String,
}

impl Rotation {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let files = [("api.key", "opensesame\n"), ("deep/db.key", "hunter2\n")];
        let home = sandbox.encrypted("lab", &files);
        let carol = sandbox.new_age_key("carol.txt");
        sandbox.hs(&home, ["add-age-user", &carol]).succeeds();
        write(&home, "api.key", WORK);
        let index = sandbox.git(&home, ["ls-files", "--stage"]).succeeds();
        let repository = sandbox.path("copy");
        let key_id = remembered_id(&home);
        let desk = Desk {
            sandbox,
            repository,
        };
        Self {
            desk,
            home,
            index: index.text(),
            key_id,
        }
    }

    fn killed(
        &self,
        interruption: Interruption,
        begun: &[&[&str]],
        arguments: &[&str],
        check: impl Fn(&Self, &str),
    ) {
        let prepare = || {
            self.copy_again(&self.home);
            for step in begun {
                self.hs(*step).succeeds();
            }
        };
        let work = read(&self.home, "api.key");
        let checked = |at: &str, struck: &Run| {
            assert_ne!(struck.code, 2, "{}", struck.stderr);
            // Neither the work tree nor what Git has is lost, and Git can look at it.
            assert_eq!(read(&self.repository, "api.key"), work, "{at}");
            assert_eq!(read(&self.repository, "deep/db.key"), b"hunter2\n");
            let changed = self.git(&["diff", "--name-only", "--", "*.key"]);
            assert!(
                changed.is_empty() == (work == SECRET) && !changed.contains("db.key"),
                "{at}: {changed}"
            );
            check(self, at);
        };
        let blows = killed_everywhere(
            &self.sandbox,
            &self.repository,
            interruption,
            arguments,
            prepare,
            checked,
        );
        assert!(blows > 10, "{blows} only");
    }

    fn goes_on(&self, at: &str) {
        self.finish(&["rotate-key", "--continue"], &["rotate-key"]);
        self.git(&["commit", "--quiet", "-m", "rotated"]);
        assert_eq!(self.git(&["status", "--porcelain"]), " M api.key\n", "{at}");
        self.assert_rotated();
    }

    /// Continues, or begins anew where nothing has happened yet.
    fn finish(&self, continued: &[&str], begin: &[&str]) {
        let run = self.hs(continued);
        if run.code != 0 {
            run.fails_saying(&["no rotation"]);
            assert_eq!(self.git(&["ls-files", "--stage"]), self.index);
            self.hs(begin).succeeds();
        }
    }

    fn assert_rotated(&self) {
        let clone = self.sandbox.cloned(&self.repository);
        let unlock = |arguments: &[&str]| self.sandbox.hs(&clone, arguments);
        unlock(&["unlock", "../lab.key"]).fails_saying(&["was rotated out"]);
        unlock(&["unlock", "-i", "../carol.txt"]).succeeds();
        assert_eq!(read(&clone, "api.key"), SECRET);
        assert_eq!(read(&clone, "deep/db.key"), b"hunter2\n");
        fs::remove_dir_all(clone).expect("removed");
        self.hs(["rotate-key", "--abort"])
            .fails_saying(&["no rotation"]);
        assert_ne!(remembered_id(&self.repository), self.key_id);
        let listed = self.hs(["ls-users"]).succeeds().text();
        assert!(!listed.contains("not attested"), "{listed}");
        // The history is still open here.
        self.git(&["checkout", "--quiet", "HEAD~1", "--", "deep/db.key"]);
        assert_eq!(read(&self.repository, "deep/db.key"), b"hunter2\n");
    }

    fn goes_back(&self, at: &str) {
        let run = self.hs(["rotate-key", "--abort"]);
        if run.code != 0 {
            run.fails_saying(&["no rotation"]);
        }
        assert_eq!(self.git(&["ls-files", "--stage"]), self.index, "{at}");
        assert_eq!(self.git(&["status", "--porcelain"]), " M api.key\n", "{at}");
        assert_eq!(
            read(&self.repository, ".git/git-crypt/keys/default"),
            read(&self.sandbox.path(""), "lab.key")
        );
        let left = self.repository.join(".git/hs-secrets/rotation/default");
        assert!(!left.exists() || nothing_had_happened(&left), "{at}");
        // The new key is kept for what is encrypted with it, and nothing else is.
        for retired in ["0", "1"] {
            let retired = format!(".git/hs-secrets/retired/default/{retired}");
            if self.repository.join(&retired).exists() {
                let first = read(&self.sandbox.path(""), "lab.key");
                assert!(retired.ends_with("/0"), "{at}: {retired}");
                assert_ne!(read(&self.repository, &retired), first, "{at}");
            }
        }
        assert_eq!(remembered_id(&self.repository), self.key_id, "{at}");
        let staged = self.git(&["cat-file", "blob", ":deep/db.key"]);
        assert!(staged.as_bytes().starts_with(MAGIC));
    }
}

impl Deref for Rotation {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

fn remembered_id(repository: &Path) -> String {
    let memory = read(repository, ".git/hs-secrets/known/default");
    let memory = String::from_utf8(memory).expect("text");
    let line = memory.lines().find(|line| line.starts_with("key-id"));
    line.expect("the key's id").to_owned()
}

/// What was written down before anything had happened may stay until the next rotation.
fn nothing_had_happened(directory: &Path) -> bool {
    directory.is_dir() && !directory.join("old").exists()
}
