//! A shared repository with Alice, who has the key by age, and an attacker, whose clone may push.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::desk::{read, write};
use crate::harness::sandbox::{Run, Sandbox};

/// The content of the only secret.
pub(crate) const SECRET: &str = "opensesame\n";

/// A bare repository to which everybody pushes, and two clones of it.
pub(crate) struct Lab {
    pub(crate) sandbox: Sandbox,
    pub(crate) alice: PathBuf,
    pub(crate) mallory: PathBuf,
    /// Alice's public key.
    pub(crate) recipient: String,
}

impl Lab {
    /// Alice's clone is unlocked with her age key, `../alice.txt`. `../first.key` is the export of the first key.
    #[track_caller]
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let first = sandbox.encrypted(
            "first",
            &[("web/db.key", SECRET), ("readme.txt", "hello\n")],
        );
        let recipient = sandbox.new_age_key("alice.txt");
        sandbox
            .hs(&first, ["add-age-user", "--name", "alice", &recipient])
            .succeeds();
        let top = sandbox.path("");
        sandbox
            .git(&top, ["clone", "--quiet", "--bare", "first", "hub.git"])
            .succeeds();
        let clone = |name: &str| {
            sandbox
                .git(&top, ["clone", "--quiet", "hub.git", name])
                .succeeds();
            sandbox.path(name)
        };
        let (alice, mallory) = (clone("alice"), clone("mallory"));
        sandbox
            .git(&alice, ["config", "hs-secrets.identity", "../alice.txt"])
            .succeeds();
        sandbox.hs(&alice, ["unlock"]).succeeds();
        assert_eq!(read(&alice, "web/db.key"), SECRET.as_bytes());
        Self {
            sandbox,
            alice,
            mallory,
            recipient,
        }
    }

    pub(crate) fn hs(&self, arguments: &[&str]) -> Run {
        self.sandbox.hs(&self.alice, arguments)
    }

    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.sandbox.git(&self.alice, arguments).succeeds().text()
    }

    #[track_caller]
    pub(crate) fn mallory(&self, arguments: &[&str]) -> Run {
        self.sandbox.git(&self.mallory, arguments).succeeds()
    }

    /// Commits and pushes all changes of the attacker, without any filter.
    #[track_caller]
    pub(crate) fn push(&self) {
        self.mallory(&["add", "--all", "--force"]);
        self.mallory(&["commit", "--quiet", "-m", "rotate the key"]);
        self.mallory(&["push", "--quiet"]);
    }

    /// Seals a key of the attacker's own for Alice in place of the right one, and encrypts the secret with it. This
    /// needs no key of the repository, and an attacker who once had one may know the content.
    #[track_caller]
    pub(crate) fn push_foreign_key(&self, content: &str) -> Vec<u8> {
        let own = self.sandbox.repository("own");
        write(
            &own,
            ".gitattributes",
            b"*.key filter=git-crypt diff=git-crypt\n",
        );
        self.sandbox.hs(&own, ["init"]).succeeds();
        self.sandbox
            .hs(&own, ["export-key", "../foreign.key"])
            .succeeds();
        write(&own, "web/db.key", content.as_bytes());
        self.sandbox.git(&own, ["add", "."]).succeeds();
        let blob = self
            .sandbox
            .git(&own, ["cat-file", "blob", ":web/db.key"])
            .succeeds()
            .stdout;
        write(&self.mallory, "web/db.key", &blob);
        let sealed = wrapped_file(&self.mallory);
        let sealed = sealed.to_str().expect("plain");
        self.sandbox
            .run(
                &self.sandbox.path(""),
                "age",
                [
                    "--encrypt",
                    "-r",
                    &self.recipient,
                    "-o",
                    sealed,
                    "foreign.key",
                ],
                b"",
            )
            .succeeds();
        self.push();
        read(&self.sandbox.path(""), "foreign.key")
    }

    /// The key that Alice's clone uses.
    pub(crate) fn key(&self) -> Vec<u8> {
        read(&self.alice, ".git/git-crypt/keys/default")
    }

    pub(crate) fn first_key(&self) -> Vec<u8> {
        read(&self.sandbox.path(""), "first.key")
    }

    /// A new locked clone with Alice's identity.
    #[track_caller]
    pub(crate) fn fresh(&self) -> PathBuf {
        let clone = self.sandbox.cloned(&self.sandbox.path("hub.git"));
        self.sandbox
            .git(&clone, ["config", "hs-secrets.identity", "../alice.txt"])
            .succeeds();
        clone
    }
}

/// The only key that is wrapped by age.
pub(crate) fn wrapped_file(clone: &Path) -> PathBuf {
    let folder = clone.join(".git-crypt/keys/default/0");
    let files = fs::read_dir(folder).expect("wrapped keys");
    let mut files = files.map(|entry| entry.expect("an entry").path());
    files
        .find(|path| path.extension().is_some_and(|extension| extension == "age"))
        .expect("a wrapped key")
}

impl Lab {
    /// Rotates the key in the repository in which it was made, and pushes this.
    #[track_caller]
    pub(crate) fn rotate(&self, times: usize) {
        let first = self.sandbox.path("first");
        for _ in 0..times {
            self.sandbox
                .hs(&first, ["rotate-key", "--commit"])
                .succeeds();
        }
        self.sandbox
            .hs(&first, ["export-key", "../newest.key"])
            .succeeds();
        self.sandbox
            .git(&first, ["push", "--quiet", "../hub.git", "main"])
            .succeeds();
    }

    pub(crate) fn newest_key(&self) -> Vec<u8> {
        read(&self.sandbox.path(""), "newest.key")
    }

    /// The blob that Alice's clone has at a revision and path.
    #[track_caller]
    pub(crate) fn git_blob(&self, object: &str) -> Vec<u8> {
        let run = self.sandbox.git(&self.alice, ["cat-file", "blob", object]);
        run.succeeds().stdout
    }

    /// Asserts that the key in a file opens a blob. The path is relative to Alice's clone.
    #[track_caller]
    pub(crate) fn assert_opened_by(&self, key_file: &str, blob: &[u8], content: &str) {
        let smudge = ["smudge", "--key-file", key_file];
        let opened = self.sandbox.run(&self.alice, "hs-secrets", smudge, blob);
        assert_eq!(opened.succeeds().text(), content);
    }
}
