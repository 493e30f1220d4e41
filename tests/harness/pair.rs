//! A repository whose key is rotated, and a clone that does not have the rotation yet.

use std::fs;
use std::path::{Path, PathBuf};

use super::desk::{read, write};
use super::sandbox::{Run, Sandbox};

/// A repository, and a clone that is unlocked with the repository's key. The key is in `../lab.key`.
pub struct Pair {
    pub sandbox: Sandbox,
    pub lab: PathBuf,
    pub clone: PathBuf,
}

impl Pair {
    pub fn new() -> Self {
        let sandbox = Sandbox::new();
        let files = [
            ("Notes.txt", "first\nsecond\nthird\n"),
            ("Removed.txt", "not for long\n"),
            ("a.key", "opensesame\n"),
            ("b.key", "hunter2\n"),
            ("c.key", "first line\nsecond\nthird\n"),
            ("own.txt", "plain\n"),
        ];
        let lab = sandbox.encrypted("lab", &files);
        let clone = sandbox.cloned(&lab);
        sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
        Self {
            sandbox,
            lab,
            clone,
        }
    }

    /// A pair with the key rotated in the repository. There are other changes before and after the rotation, and some in the
    /// clone.
    pub fn rotated(has_commits: bool) -> Self {
        let pair = Self::new();
        write(&pair.lab, "a.key", b"changed\n");
        pair.git_there(&["commit", "--quiet", "-am", "before"]);
        pair.rotate();
        write(&pair.lab, "Notes.txt", b"theirs\nsecond\nthird\n");
        write(&pair.lab, "New.txt", b"new\n");
        pair.git_there(&["rm", "--quiet", "Removed.txt"]);
        pair.git_there(&["add", "."]);
        pair.git_there(&["commit", "--quiet", "-m", "after"]);
        if has_commits {
            pair.write("Notes.txt", b"first\nsecond\nours\n");
            pair.write("b.key", b"hunter3\n");
            pair.write("mine.key", b"mine\n");
            pair.git(&["add", "."]);
            pair.git(&["commit", "--quiet", "-m", "ours"]);
        }
        pair
    }

    pub fn rotate(&self) {
        let hs = |arguments: &[&str]| self.sandbox.hs(&self.lab, arguments).succeeds();
        hs(&["rotate-key", "--commit"]);
        hs(&["export-key", "../new.key"]);
    }

    #[track_caller]
    pub fn assert_pulled(&self, has_commits: bool) {
        let content = |path: &str| String::from_utf8(read(&self.clone, path)).expect("text");
        assert_eq!(content("a.key"), "changed\n");
        assert_eq!(content("New.txt"), "new\n");
        assert!(!self.clone.join("Removed.txt").exists());
        if has_commits {
            assert_eq!(content("b.key"), "hunter3\n");
            assert_eq!(content("mine.key"), "mine\n");
            assert_eq!(content("Notes.txt"), "theirs\nsecond\nours\n");
        } else {
            assert_eq!(content("b.key"), "hunter2\n");
            assert_eq!(content("Notes.txt"), "theirs\nsecond\nthird\n");
        }
        assert_eq!(self.key(), read(&self.sandbox.path(""), "new.key"));
        let shown = self.git(&["log", "-p"]);
        assert!(shown.contains("-opensesame\n+changed\n"), "{shown}");
    }

    #[track_caller]
    pub fn assert_clean(&self) {
        assert_eq!(self.git(&["status", "--porcelain"]), "");
    }

    pub fn key(&self) -> Vec<u8> {
        fs::read(self.clone.join(".git/git-crypt/keys/default")).expect("a key")
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        write(&self.clone, path, content);
    }

    pub fn hs(&self, arguments: &[&str]) -> Run {
        self.sandbox.hs(&self.clone, arguments)
    }

    /// Runs git in the clone.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.sandbox.git(&self.clone, arguments)
    }

    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        self.run(arguments).succeeds().text()
    }

    /// Runs git in the repository.
    #[track_caller]
    pub fn git_there(&self, arguments: &[&str]) -> Run {
        let lab: &Path = &self.lab;
        self.sandbox.git(lab, arguments).succeeds()
    }
}
