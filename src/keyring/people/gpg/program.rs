//! Running the user's `gpg` program. Keys go in and out through pipes.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use super::error::{GpgError, LONGEST_OUTPUT};
use super::listing::{Fingerprint, PublicKey, Usability, public_keys, secret_fingerprints};
use crate::repository::{Repository, RepositoryError};
use crate::secret::{SecretBytes, forbid_core_dumps};

/// The `gpg` that the setting `gpg.program` names, or the one in `PATH`.
#[derive(Debug)]
pub(crate) struct Gpg {
    program: PathBuf,
}

/// Where the ciphertext is.
#[derive(Debug)]
pub(crate) enum Ciphertext<'content> {
    File(PathBuf),
    Bytes(&'content [u8]),
}

impl Gpg {
    /// The GPG that the configuration of this repository chooses.
    pub(crate) fn of(repository: &Repository) -> Result<Self, RepositoryError> {
        let program = repository.configuration().path("gpg.program")?;
        Ok(Self {
            program: program.unwrap_or_else(|| PathBuf::from("gpg")),
        })
    }

    /// The only usable key that matches `user`: a fingerprint, a key id, a name or an address.
    pub(crate) fn public_key_of(&self, user: &str) -> Result<PublicKey, GpgError> {
        let keys = self.find(&[user])?;
        let is_usable = |key: &&PublicKey| key.usability == Usability::Usable;
        let mut usable = keys.iter().filter(is_usable);
        match (keys.as_slice(), usable.next(), usable.next()) {
            ([], ..) => Err(GpgError::UnknownUser {
                user: user.to_owned(),
            }),
            (_, Some(key), None) => Ok(key.clone()),
            ([key], None, _) => Err(GpgError::Unusable {
                fingerprint: key.fingerprint.clone(),
                user_id: key.user_id.clone(),
                reason: key.usability,
            }),
            _ => Err(GpgError::AmbiguousUser {
                user: user.to_owned(),
                keys,
            }),
        }
    }

    /// The keys with these fingerprints that are in the keyring.
    pub(crate) fn public_keys(
        &self,
        fingerprints: &[&Fingerprint],
    ) -> Result<Vec<PublicKey>, GpgError> {
        match fingerprints {
            [] => Ok(Vec::new()),
            _ => self.find(
                &fingerprints
                    .iter()
                    .map(|key| key.as_str())
                    .collect::<Vec<_>>(),
            ),
        }
    }

    /// The primary keys whose secret part is in the keyring.
    pub(crate) fn secret_keys(&self) -> Result<Vec<Fingerprint>, GpgError> {
        let finished = self.run(["--with-colons", "--list-secret-keys"], &[])?;
        if !finished.success {
            return Err(finished.failed("to list your secret keys"));
        }
        Ok(secret_fingerprints(&finished.text()))
    }

    /// Encrypts `content` to one key. With `trusted`, the key need not be certified.
    pub(crate) fn encrypt(
        &self,
        content: &SecretBytes,
        to: &Fingerprint,
        trusted: bool,
    ) -> Result<Vec<u8>, GpgError> {
        let recipient = format!("0x{to}");
        let mut arguments = vec!["--no-encrypt-to", "--no-armor"];
        if trusted {
            arguments.extend(["--trust-model", "always"]);
        }
        arguments.extend(["--encrypt", "--recipient", &recipient]);
        let chunks: Vec<&[u8]> = content.expose_chunks().collect();
        let mut finished = self.run(arguments, &chunks)?;
        // Reason 10 of an unusable recipient means "Key not trusted".
        if finished
            .status
            .lines()
            .any(|line| line.starts_with("[GNUPG:] INV_RECP 10 "))
        {
            return Err(GpgError::Untrusted {
                fingerprint: to.clone(),
            });
        }
        if !finished.success || finished.output.is_empty() {
            return Err(finished.failed(&format!("to encrypt to {to}")));
        }
        Ok(finished.output.expose().to_vec())
    }

    /// Decrypts a file with the matching secret key. GPG's agent asks for the passphrase.
    pub(crate) fn decrypt(
        &self,
        file: &Ciphertext<'_>,
        what: &str,
    ) -> Result<SecretBytes, GpgError> {
        forbid_core_dumps();
        let finished = match file {
            // stdin must stay the terminal, which the agent uses to ask for the passphrase.
            Ciphertext::File(path) => self.run_with(
                ["--decrypt".as_ref(), "--".as_ref(), path.as_os_str()],
                None,
            )?,
            Ciphertext::Bytes(content) => self.run(["--decrypt"], &[content])?,
        };
        // GPG also succeeds if a message is not encrypted at all.
        let decrypted = finished
            .status
            .lines()
            .any(|line| line == "[GNUPG:] DECRYPTION_OKAY");
        if !(finished.success && decrypted) {
            return Err(finished.failed(&format!("to decrypt {what}")));
        }
        Ok(finished.output)
    }

    fn find(&self, users: &[&str]) -> Result<Vec<PublicKey>, GpgError> {
        let fixed = ["--with-colons", "--fixed-list-mode", "--list-keys", "--"];
        let finished = self.run(fixed.iter().chain(users), &[])?;
        // If a key is missing, GPG fails, but still lists the others.
        let missing = finished.status.contains("[GNUPG:] ERROR keylist.getkey ");
        if is_too_much(&finished.output) || !(finished.success || missing) {
            return Err(finished.failed("to list public keys"));
        }
        Ok(public_keys(&finished.text()))
    }

    fn run<Argument: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = Argument>,
        input: &[&[u8]],
    ) -> Result<Finished, GpgError> {
        self.run_with(arguments, Some(input))
    }

    fn run_with<Argument: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = Argument>,
        input: Option<&[&[u8]]>,
    ) -> Result<Finished, GpgError> {
        let not_run = |source| GpgError::NotRun {
            program: self.program.clone(),
            source,
        };
        let mut child = Command::new(&self.program)
            .args(["--batch", "--utf8-strings", "--status-fd", "2"])
            .args(arguments)
            .stdin(match input {
                Some(_) => Stdio::piped(),
                None => Stdio::inherit(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(not_run)?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("standard output was piped");
        let stderr = child.stderr.take().expect("standard error was piped");
        let (output, printed) = thread::scope(|scope| {
            // Errors of writing are ignored: a GPG that ends early reports the reason itself.
            if let Some((mut stdin, chunks)) = stdin.zip(input) {
                scope.spawn(move || {
                    drop(chunks.iter().try_for_each(|chunk| stdin.write_all(chunk)));
                });
            }
            let printed = scope.spawn(move || {
                let mut printed = Vec::new();
                let mut stderr = stderr.take(LONGEST_OUTPUT);
                stderr.read_to_end(&mut printed).map(|_| printed)
            });
            let output = SecretBytes::read_from(&mut stdout.take(LONGEST_OUTPUT + 1));
            if output.as_ref().is_ok_and(is_too_much) {
                // An error means that it has just ended.
                let _ = child.kill();
            }
            let printed = printed.join().expect("reading a pipe does not panic");
            (output, printed)
        });
        let success = child.wait().map_err(not_run)?.success();
        let output = output.map_err(not_run)?;
        Ok(Finished {
            success: success && !is_too_much(&output),
            output,
            status: String::from_utf8_lossy(&printed.map_err(not_run)?).into_owned(),
        })
    }
}

fn is_too_much(output: &SecretBytes) -> bool {
    output.len() as u64 > LONGEST_OUTPUT
}

/// The result of a run of GPG.
struct Finished {
    success: bool,
    output: SecretBytes,
    /// stderr: status lines, which begin with `[GNUPG:]`, and messages for people.
    status: String,
}

impl Finished {
    fn text(&self) -> String {
        let output: Vec<&[u8]> = self.output.expose_chunks().collect();
        String::from_utf8_lossy(&output.concat()).into_owned()
    }

    fn failed(&self, doing: &str) -> GpgError {
        if is_too_much(&self.output) {
            return GpgError::TooMuch {
                doing: doing.to_owned(),
            };
        }
        let for_people = |line: &&str| !line.starts_with("[GNUPG:]") && !line.trim().is_empty();
        let reason = self.status.lines().rfind(for_people);
        let reason = reason.unwrap_or("it said nothing").trim();
        GpgError::Failed {
            doing: doing.to_owned(),
            reason: reason.strip_prefix("gpg: ").unwrap_or(reason).to_owned(),
        }
    }
}
