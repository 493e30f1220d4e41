//! A GnuPG home directory for a test. Its agent is ended together with it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::sandbox::{Run, Sandbox, run};

/// A keyring. Its path must be short, since the path of the agent's socket is in it and has a maximum length.
pub struct GnupgHome {
    directory: TempDir,
}

impl GnupgHome {
    pub fn new() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("hs-gpg-")
            .tempdir_in("/tmp")
            .expect("a temporary directory");
        Self { directory }
    }

    /// Runs a program in the sandbox with this keyring.
    #[track_caller]
    pub fn run<Argument: AsRef<OsStr>>(
        &self,
        sandbox: &Sandbox,
        directory: &Path,
        program: &str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        let mut command = sandbox.command(directory, program);
        command.env("GNUPGHOME", self.directory.path());
        command.args(arguments);
        run(command, b"")
    }

    /// Runs `hs-secrets` in the sandbox with this keyring.
    #[track_caller]
    pub fn hs<Argument: AsRef<OsStr>>(
        &self,
        sandbox: &Sandbox,
        directory: &Path,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        self.run(sandbox, directory, "hs-secrets", arguments)
    }

    /// Makes this the default keyring of all programs in the sandbox.
    pub fn make_default(&self, sandbox: &Sandbox) {
        let usual = sandbox.path("home/.gnupg");
        std::os::unix::fs::symlink(self.directory.path(), usual).expect("a link");
    }

    /// Runs `gpg` with this keyring.
    #[track_caller]
    pub fn gpg<Argument: AsRef<OsStr>>(
        &self,
        sandbox: &Sandbox,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Run {
        let batch = ["--batch", "--quiet", "--passphrase", ""].map(Into::into);
        let arguments = arguments
            .into_iter()
            .map(|argument| argument.as_ref().to_owned());
        let arguments: Vec<std::ffi::OsString> = batch.into_iter().chain(arguments).collect();
        self.run(sandbox, &sandbox.path(""), "gpg", arguments)
    }

    /// Creates a key pair that can encrypt. Returns its fingerprint.
    pub fn new_key(&self, sandbox: &Sandbox, user_id: &str) -> String {
        self.gpg(
            sandbox,
            [
                "--quick-gen-key",
                user_id,
                "future-default",
                "default",
                "never",
            ],
        )
        .succeeds();
        self.fingerprint(sandbox, user_id)
    }

    /// The fingerprint of the first key that `gpg` lists for the user.
    pub fn fingerprint(&self, sandbox: &Sandbox, user_id: &str) -> String {
        let listed = self
            .gpg(sandbox, ["--with-colons", "--list-keys", user_id])
            .succeeds()
            .text();
        let line = listed.lines().find(|line| line.starts_with("fpr:"));
        let field = line.and_then(|line| line.split(':').nth(9));
        field.expect("a fingerprint").to_owned()
    }

    /// Imports a public key from another keyring.
    pub fn import_from(&self, sandbox: &Sandbox, other: &Self, user: &str) {
        let exported = other.gpg(sandbox, ["--export", user]).succeeds();
        let mut command = sandbox.command(&sandbox.path(""), "gpg");
        command.env("GNUPGHOME", self.directory.path());
        command.args(["--batch", "--quiet", "--import"]);
        run(command, &exported.stdout).succeeds();
    }
}

impl Drop for GnupgHome {
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        command
            .env("GNUPGHOME", self.directory.path())
            .args(["--kill", "all"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // If this fails, the agent ends by itself when it notices that its socket is gone.
        let _ = command.status();
    }
}
