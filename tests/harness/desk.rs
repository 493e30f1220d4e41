//! Repositories with encrypted files, with which most tests begin.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::sandbox::{Run, Sandbox};
pub use super::written::{read, write};

/// The first bytes of every encrypted blob.
pub const MAGIC: &[u8] = b"\0GITCRYPT\0";

/// The settings that users are told to use if a key is lost: files are checked out as they are stored.
pub const PUBLISHED_RECOVERY: [&str; 6] = [
    "-c",
    "filter.git-crypt.smudge=cat",
    "-c",
    "filter.git-crypt.clean=cat",
    "-c",
    "filter.git-crypt.required=false",
];

const ATTRIBUTES: &str = "\
*.key filter=git-crypt diff=git-crypt merge=git-crypt
*.ops filter=git-crypt-ops diff=git-crypt-ops merge=git-crypt-ops
";

impl Sandbox {
    /// An unlocked repository with these files committed. Its key is written beside it to `NAME.key`. `*.key` files are
    /// encrypted with this key, `*.ops` files with another key called `ops`.
    #[track_caller]
    pub fn encrypted(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let repository = self.repository(name);
        write(&repository, ".gitattributes", ATTRIBUTES.as_bytes());
        for (path, content) in files {
            write(&repository, path, content.as_bytes());
        }
        self.hs(&repository, ["init"]).succeeds();
        if files.iter().any(|(path, _)| path.ends_with(".ops")) {
            self.hs(&repository, ["init", "-k", "ops"]).succeeds();
        }
        let key = format!("../{name}.key");
        self.hs(&repository, ["export-key", &key]).succeeds();
        self.git(&repository, ["add", "."]).succeeds();
        self.git(&repository, ["commit", "--quiet", "-m", "first"])
            .succeeds();
        repository
    }

    /// A new clone in the sandbox. It is locked.
    #[track_caller]
    pub fn cloned(&self, repository: &Path) -> PathBuf {
        let clone = tempfile::Builder::new()
            .prefix("clone-")
            .tempdir_in(self.path(""))
            .expect("a directory")
            .keep();
        let places = [repository.as_os_str(), clone.as_os_str()];
        let arguments = ["clone".as_ref(), "--quiet".as_ref()];
        self.git(&self.path(""), arguments.into_iter().chain(places))
            .succeeds();
        clone
    }

    /// A URL from which partial clones of a repository can be made.
    #[track_caller]
    pub fn url_of_partial_clones(&self, repository: &Path) -> String {
        for name in ["uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"] {
            self.git(repository, ["config", name, "true"]).succeeds();
        }
        format!("file://{}", repository.display())
    }

    /// A new age key in a file; returns its public half.
    #[track_caller]
    pub fn new_age_key(&self, file: &str) -> String {
        let made = self.run(&self.path(""), "age-keygen", ["-o", file], b"");
        let told = made.succeeds().stderr;
        let start = told.find("age1").expect("a public key");
        told[start..].lines().next().expect("a line").to_owned()
    }
}

/// A repository in a sandbox of its own.
pub struct Desk {
    pub sandbox: Sandbox,
    pub repository: PathBuf,
}

impl Desk {
    /// A repository without a commit.
    #[track_caller]
    pub fn empty(name: &str) -> Self {
        Self::empty_in(Sandbox::new(), name)
    }

    /// A repository without a commit, in an existing sandbox.
    #[track_caller]
    pub fn empty_in(sandbox: Sandbox, name: &str) -> Self {
        let repository = sandbox.repository(name);
        Self {
            sandbox,
            repository,
        }
    }

    /// An unlocked repository with encrypted files. Its key is in `../desk.key`.
    #[track_caller]
    pub fn with(files: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::new();
        let repository = sandbox.encrypted("desk", files);
        Self {
            sandbox,
            repository,
        }
    }

    #[track_caller]
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        write(&self.repository, path, content);
    }

    #[track_caller]
    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = self.repository.join(path);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs git, which must succeed, and returns what it printed.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let run = self.sandbox.git(&self.repository, arguments);
        run.succeeds().text()
    }

    #[track_caller]
    pub fn hs<Argument: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = Argument>) -> Run {
        self.sandbox.hs(&self.repository, arguments)
    }

    /// Replaces `repository` by a copy of the folder `original`. The copy has the same file times.
    #[track_caller]
    pub fn copy_again(&self, original: &Path) {
        if self.repository.exists() {
            std::fs::remove_dir_all(&self.repository).expect("removed");
        }
        let places = [
            "-a".as_ref(),
            original.as_os_str(),
            self.repository.as_os_str(),
        ];
        let top = self.sandbox.path("");
        self.sandbox.run(&top, "cp", places, b"").succeeds();
    }

    /// Adds everything and commits it.
    #[track_caller]
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
    }

    #[track_caller]
    pub fn assert_clean(&self) {
        assert_eq!(self.git(&["status", "--porcelain"]), "");
    }
}
