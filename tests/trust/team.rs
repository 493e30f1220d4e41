//! A repository that several people share, one of whom administers its key.

use std::path::{Path, PathBuf};

use crate::harness::desk::write;
use crate::harness::sandbox::{Run, Sandbox};

pub(crate) const SECRET: &[u8] = b"opensesame\n";
/// The folder of the wrapped keys.
pub(crate) const KEYS: &str = ".git-crypt/keys/default/0";
/// The folder of the list of holders.
pub(crate) const HOLDERS: &str = ".git-crypt/hs-secrets/holders/default";

/// A shared repository, and the clone of the person who made it.
pub(crate) struct Team {
    pub(crate) sandbox: Sandbox,
    origin: PathBuf,
    /// The administrator's clone, unlocked.
    pub(crate) admin: PathBuf,
}

impl Team {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let admin = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
        let top = sandbox.path("");
        sandbox
            .git(&top, ["clone", "--quiet", "--bare", "lab", "origin.git"])
            .succeeds();
        let origin = sandbox.path("origin.git");
        for arguments in [
            &["remote", "add", "origin", "../origin.git"][..],
            &["fetch", "--quiet"],
            &["branch", "--quiet", "--set-upstream-to", "origin/main"],
        ] {
            sandbox.git(&admin, arguments).succeeds();
        }
        Self {
            sandbox,
            origin,
            admin,
        }
    }

    /// Adds a collaborator with a new age key in `NAME.txt`, and pushes that as the administrator.
    pub(crate) fn joined_by(&self, name: &str) -> String {
        let key = self.sandbox.new_age_key(&format!("{name}.txt"));
        self.hs(&["add-age-user", "--name", name, &key]).succeeds();
        self.push(&self.admin);
        key
    }

    /// A clone for another person.
    pub(crate) fn clone_of(&self, name: &str) -> PathBuf {
        let clone = self.sandbox.cloned(&self.origin);
        for (setting, value) in [("user.name", name), ("user.email", "x@example.org")] {
            self.sandbox
                .git(&clone, ["config", setting, value])
                .succeeds();
        }
        clone
    }

    /// A clone that was unlocked with the key in `NAME.txt`.
    pub(crate) fn unlocked_clone_of(&self, name: &str) -> PathBuf {
        let clone = self.clone_of(name);
        self.unlock(&clone, name).succeeds();
        clone
    }

    pub(crate) fn unlock(&self, clone: &Path, name: &str) -> Run {
        let identity = format!("../{name}.txt");
        self.sandbox.hs(clone, ["unlock", "-i", &identity])
    }

    /// Runs the program as the administrator.
    pub(crate) fn hs(&self, arguments: &[&str]) -> Run {
        self.sandbox.hs(&self.admin, arguments)
    }

    /// Runs git in a clone, and asserts that it succeeds.
    #[track_caller]
    pub(crate) fn git(&self, clone: &Path, arguments: &[&str]) -> String {
        self.sandbox.git(clone, arguments).succeeds().text()
    }

    #[track_caller]
    pub(crate) fn push(&self, clone: &Path) {
        self.git(clone, &["push", "--quiet", "origin", "main"]);
    }

    #[track_caller]
    pub(crate) fn pull(&self, clone: &Path) {
        self.git(clone, &["pull", "--quiet", "--no-rebase", "--no-edit"]);
    }

    /// Adds a recipient with a file that looks like a wrapped key, and pushes that. This needs no key.
    pub(crate) fn smuggle_in(&self, clone: &Path, recipient: &str) {
        self.smuggle_in_as(clone, recipient, "alice (new laptop)");
    }

    /// Like [`Self::smuggle_in`], under another name.
    pub(crate) fn smuggle_in_as(&self, clone: &Path, recipient: &str, name: &str) {
        let hash = ["hash-object", "--stdin"];
        let id = self
            .sandbox
            .run(clone, "git", hash, recipient.as_bytes())
            .text();
        let path = format!("{KEYS}/{}", id.trim());
        write(clone, &format!("{path}.age"), b"whatever it may be\n");
        let named = format!("# {name}\n{recipient}\n");
        write(clone, &format!("{path}.pub"), named.as_bytes());
        self.git(clone, &["add", "."]);
        self.git(clone, &["commit", "--quiet", "-m", "tidied up"]);
        self.push(clone);
    }

    /// The state that a stopped rotation must not change.
    pub(crate) fn state(&self) -> Vec<u8> {
        let mut state = self.git(&self.admin, &["ls-files", "--stage"]).into_bytes();
        state.extend(
            self.git(&self.admin, &["status", "--porcelain"])
                .into_bytes(),
        );
        for file in [
            ".git/git-crypt/keys/default",
            ".git/hs-secrets/known/default",
        ] {
            state.extend(crate::harness::desk::read(&self.admin, file));
        }
        for folder in ["rotation", "retired"] {
            let folder = self.admin.join(".git/hs-secrets").join(folder);
            assert!(!folder.exists(), "{}", folder.display());
        }
        state
    }
}
