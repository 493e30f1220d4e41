//! A repository with an encrypted file that two branches have changed.

use std::fs;
use std::ops::Deref;
use std::path::Path;

use crate::harness::desk::{Desk, MAGIC};
use crate::harness::written::touch;

pub(crate) const PATH: &str = "db.env";

const ATTRIBUTES: &str = "*.env filter=git-crypt diff=git-crypt merge=git-crypt\n";

/// A repository whose branches `main` (checked out) and `side` each have their version of [`PATH`].
pub(crate) struct Scene(Desk);

impl Deref for Scene {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl Scene {
    pub(crate) fn encrypted(base: &[u8], ours: &[u8], theirs: &[u8]) -> Self {
        Self::with_attributes(ATTRIBUTES, base, ours, theirs)
    }

    /// The same history without encryption, for comparison.
    pub(crate) fn plain(base: &[u8], ours: &[u8], theirs: &[u8]) -> Self {
        Self::with_attributes("", base, ours, theirs)
    }

    pub(crate) fn with_attributes(
        attributes: &str,
        base: &[u8],
        ours: &[u8],
        theirs: &[u8],
    ) -> Self {
        let scene = Self(Desk::empty("r"));
        if !attributes.is_empty() {
            scene.hs(["init"]).succeeds();
            scene.hs(["export-key", "../scene.key"]).succeeds();
        }
        scene.write(".gitattributes", attributes.as_bytes());
        scene.commit(base, "base");
        scene.git(&["branch", "side"]);
        scene.commit(ours, "ours");
        scene.git(&["checkout", "--quiet", "side"]);
        scene.commit(theirs, "theirs");
        scene.git(&["checkout", "--quiet", "main"]);
        scene
    }

    pub(crate) fn commit(&self, content: &[u8], message: &str) {
        self.write(PATH, content);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    /// Writes a file anew with the content that it has, as an editor does.
    pub(crate) fn save_again(&self, path: &str) {
        let path = self.repository.join(path);
        let content = fs::read(&path).expect("there");
        fs::remove_file(&path).expect("there");
        fs::write(&path, content).expect("written");
        touch(&path);
    }

    /// Runs git, which must end with 1: a conflict.
    #[track_caller]
    pub(crate) fn conflicts(&self, arguments: &[&str]) -> String {
        let run = self.sandbox.git(&self.repository, arguments).ends_with(1);
        run.stderr
    }

    /// The object called `name` must be ciphertext.
    #[track_caller]
    pub(crate) fn assert_ciphertext(&self, name: &str) {
        let object = self
            .sandbox
            .git(&self.repository, ["cat-file", "blob", name])
            .succeeds();
        assert!(
            object.stdout.starts_with(MAGIC),
            "{name} is plaintext: {}",
            object.text()
        );
    }

    /// No object that Git ever wrote may hold `secret`, and no other file below `.git`.
    #[track_caller]
    pub(crate) fn assert_nowhere_in_git(&self, secret: &str) {
        let objects = self.git(&[
            "cat-file",
            "--batch-all-objects",
            "--batch-check=%(objectname) %(objecttype)",
        ]);
        let blobs = objects
            .lines()
            .filter_map(|line| line.strip_suffix(" blob"));
        for blob in blobs {
            let content = self
                .sandbox
                .git(&self.repository, ["cat-file", "blob", blob]);
            assert!(
                !holds(&content.stdout, secret),
                "object {blob} holds `{secret}`"
            );
        }
        self.assert_no_file_holds(&self.repository.join(".git"), secret);
    }

    #[track_caller]
    fn assert_no_file_holds(&self, directory: &Path, secret: &str) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.assert_no_file_holds(&path, secret);
            } else {
                assert!(
                    !holds(&fs::read(&path).expect("readable"), secret),
                    "{} holds `{secret}`",
                    path.display()
                );
            }
        }
    }
}

fn holds(content: &[u8], secret: &str) -> bool {
    content
        .windows(secret.len())
        .any(|window| window == secret.as_bytes())
}
