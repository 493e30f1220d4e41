//! The edge where errors become one line, hints and an exit code.

use std::fmt;
use std::io;

use crate::filter::{FilterError, ProcessError};
use crate::format::{KeyFileError, KeyNameError};
use crate::keyring::{KeyError, LockError, UnlockError};
use crate::repository::RepositoryError;
use crate::stack::{
    ComposeError, DiscoverError, InterpolationError, NameError, NamingError, SettingsError,
    SourceError, StackError, TreeError,
};
use crate::swarm::{ClientError, Conflict, Difference, EngineError, Obstacle, SwarmError};

/// Why a command ends without having done its work.
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    message: String,
    hints: Vec<String>,
}

/// The kinds of failure that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Exit code 1.
    Failed,
    /// Wrong usage: exit code 2.
    Usage,
    /// The reader of standard output went away: a quiet end.
    BrokenPipe,
}

impl Failure {
    /// What was being done, to what, and why it failed, in one line.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Failed,
            message: message.to_string(),
            hints: Vec::new(),
        }
    }

    /// The arguments make no sense together.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Usage,
            ..Self::new(message)
        }
    }

    /// Standard output could not be written.
    pub fn output(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => FailureKind::BrokenPipe,
            _ => FailureKind::Failed,
        };
        Self {
            kind,
            ..Self::new(format_args!("writing to standard output failed: {error}"))
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What to do next, a line each.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<KeyNameError> for Failure {
    fn from(error: KeyNameError) -> Self {
        Self::new(error)
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        let failure = Self::new(&error);
        match error {
            RepositoryError::NotFound { .. } => {
                failure.hint("change to a directory of a repository, or `git init` one")
            }
            RepositoryError::NoKey { .. } => failure.hint(
                "`unlock KEYFILE` with the key of a collaborator, or `init` in a new repository",
            ),
            RepositoryError::BadKey { .. } => {
                failure.hint("`unlock KEYFILE` again with a good copy of the key")
            }
            RepositoryError::ConfigLocked { path } => failure.hint(format_args!(
                "if no git process is running, remove {}",
                path.display()
            )),
            _ => failure,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let failure = Self::new(&error);
        match error {
            KeyError::Malformed {
                source: KeyFileError::Legacy,
                ..
            } => failure.hint("`migrate-key OLD NEW` writes it in today's format"),
            KeyError::Malformed { .. } => {
                failure.hint("`export-key FILE` in an unlocked clone writes a good one")
            }
            KeyError::Exists { .. } => failure.hint("choose another name, or move that file away"),
            _ => failure,
        }
    }
}

impl From<UnlockError> for Failure {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::Repository(error) => error.into(),
            UnlockError::Key(error) => error.into(),
            UnlockError::WrongKey { .. } => Self::new(error).hint(
                "nothing was changed; `export-key FILE` in an unlocked clone writes the right one",
            ),
            UnlockError::Modified { .. } => Self::new(error).hint(
                "nothing was changed; commit these files or `git stash` them, then unlock again",
            ),
            UnlockError::AlreadyInitialised { .. } => {
                Self::new(error).hint("for one more key with a name of its own: `init -k NAME`")
            }
            UnlockError::SameName { .. } => Self::new(error),
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Repository(error) => error.into(),
            LockError::Modified { .. } => Self::new(error)
                .hint(
                    "nothing was changed; commit these files or `git stash` them, then lock again",
                )
                .hint("`lock --force` overwrites them: their changes are lost"),
            LockError::AlreadyLocked { .. } => Self::new(error),
        }
    }
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::new(error)
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        Self::new(error)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::usage(error)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Tree(TreeError::Repository(error)) => error.into(),
            error => Self::new(error),
        }
    }
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Self {
        let failure = Self::new(&error);
        match error {
            StackError::Repository(error) | StackError::Tree(TreeError::Repository(error)) => {
                error.into()
            }
            StackError::Discover(DiscoverError::NotFound { name, .. }) => {
                failure.hint(format_args!(
                    "`--file FILE` names a stack's file, and `[stacks.{name}]` with `files = [...]` in .hs-secrets.toml for good"
                ))
            }
            StackError::Source { source, .. } | StackError::EnvFile { source, .. } => {
                failure.source_hint(&source)
            }
            StackError::Naming { source, .. } => match *source {
                NamingError::TooLong { fits_with, .. } => failure.hint(format_args!(
                    "`version-length = {fits_with}` in .hs-secrets.toml makes it fit"
                )),
                NamingError::Interpolation(source) => failure.interpolation_hint(&source),
                _ => failure,
            },
            StackError::Compose {
                source: ComposeError::Interpolation { source, .. },
                ..
            } => failure.interpolation_hint(&source),
            _ => failure,
        }
    }
}

impl Failure {
    fn source_hint(self, error: &SourceError) -> Self {
        match error {
            SourceError::NotEncrypted { path } => self
                .hint(format_args!(
                    "add `{path} filter=git-crypt diff=git-crypt` to .gitattributes, then `git add --renormalize {path}`, and commit both"
                ))
                .hint("what was committed in plaintext stays readable in the history: change that secret"),
            SourceError::StoredInPlaintext { .. } => self
                .hint("`status --fix` stages encrypted versions of such files; commit them")
                .hint("what was committed in plaintext stays readable in the history: change that secret"),
            SourceError::Untracked { path } => self.hint(format_args!("`git add {path}`")),
            SourceError::Locked { .. } => self.hint("`unlock KEYFILE` first"),
            SourceError::Decrypt { .. } => {
                self.hint("`unlock KEYFILE` with the key that the file was encrypted with")
            }
            SourceError::Converted { .. } => self.hint("commit the file, then use `--rev HEAD`"),
            SourceError::Missing { .. } | SourceError::Tree(TreeError::Outside { .. }) => {
                self.hint("paths in a stack file are relative to it, and stay within the repository")
            }
            _ => self,
        }
    }

    fn interpolation_hint(self, error: &InterpolationError) -> Self {
        match error {
            InterpolationError::Unset { .. }
            | InterpolationError::Blank { .. }
            | InterpolationError::Required { .. } => {
                self.hint("variables come from the environment; as with `docker stack deploy`, no .env file is read")
            }
            _ => self,
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let failure = Self::new(&error);
        match error {
            EngineError::MalformedHost { .. } | EngineError::MalformedSshHost { .. } => Self {
                kind: FailureKind::Usage,
                ..failure
            },
            EngineError::UnsupportedHost { .. } => {
                failure.hint("use unix:///path, tcp://host:port or ssh://user@host")
            }
            EngineError::NoContext { .. } => failure.hint("`docker context ls` shows the contexts"),
            EngineError::NoTlsFiles { .. } | EngineError::Unverified { .. } => failure.hint(
                "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem",
            ),
            EngineError::Tls { .. } => failure.hint(
                "ca.pem, cert.pem and key.pem of DOCKER_CERT_PATH or of the context must be those made for this daemon",
            ),
            EngineError::Ssh { .. } => failure.hint(
                "`ssh HOST docker version` must work without a question: a key that an agent holds, a known host",
            ),
            EngineError::Refused { message, .. } if message.contains("HTTP request to an HTTPS") => {
                failure.hint("this daemon speaks TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH")
            }
            EngineError::NotRunning { .. } => {
                failure.hint("start Docker, or name another daemon with `--host` or DOCKER_HOST")
            }
            EngineError::PermissionDenied { .. } => {
                failure.hint("run as root, or as a member of the group `docker`")
            }
            EngineError::NotManager { .. } => failure.hint(
                "run on a manager (`--host`, DOCKER_HOST), or `docker swarm init` for a new swarm",
            ),
            EngineError::NoLeader { .. } => failure
                .hint("more than half of the managers must be up: `docker node ls` on one of them"),
            EngineError::TimedOut { .. } | EngineError::Gone { .. } => {
                failure.hint("running it again finishes what was begun")
            }
            _ => failure,
        }
    }
}

impl From<SwarmError> for Failure {
    fn from(error: SwarmError) -> Self {
        let failure = Self::new(&error);
        match error {
            SwarmError::Engine(error) => error.into(),
            SwarmError::Blocked { obstacles } => obstacles
                .iter()
                .fold(failure, |failure, it| failure.hint(way_around(it))),
            SwarmError::HalfCreated { source, .. } | SwarmError::HalfRemoved { source, .. } => {
                Self {
                    hints: Self::from(*source).hints,
                    ..failure
                }
            }
            SwarmError::Interrupted | SwarmError::TimedOut { .. } => {
                failure.hint("running it again finishes what was begun")
            }
            SwarmError::Stopped { source, .. } => Self {
                hints: Self::from(*source).hints,
                ..failure
            },
            SwarmError::NotConverged { broken, source, .. } => {
                let hints = source.map_or_else(Vec::new, |source| Self::from(*source).hints);
                let failure = Self { hints, ..failure };
                let services: Vec<&str> = broken.iter().map(|(name, _)| name.as_str()).collect();
                match services.as_slice() {
                    [] => failure,
                    [first, ..] => failure
                        .hint("nothing was pruned; `rollback STACK` deploys what the previous commit wanted")
                        .hint(format_args!("`docker service ps --no-trunc {first}` lists its tasks")),
                }
            }
            SwarmError::Client(ClientError::Stack(error)) => error.into(),
            SwarmError::Client(ClientError::NotInstalled { .. }) => failure
                .hint("`deploy` runs `docker stack deploy`: install the docker client (Debian: docker.io or docker-cli)"),
            SwarmError::Client(ClientError::HandOver { .. }) => failure.hint(
                "`sync`, then `render STACK --output FILE` and your own `docker stack deploy`",
            ),
            SwarmError::Client(ClientError::Refused { .. }) => {
                failure.hint("running it again finishes what was begun")
            }
            SwarmError::TurnLost { .. } => {
                failure.hint("run it again, once the other deployment is done")
            }
            SwarmError::StillUsed { .. } => failure,
        }
    }
}

fn way_around(obstacle: &Obstacle) -> String {
    let (kind, name, difference) = match obstacle {
        Obstacle::Missing(external) => {
            let (kind, name) = (external.kind, &external.name);
            return format!("`docker {kind} create {name} FILE`, or correct the entry's name");
        }
        Obstacle::Conflict(Conflict {
            kind,
            name,
            difference,
            ..
        }) => (kind, name, difference),
    };
    match difference {
        Difference::Driver { option, .. } => format!(
            "Swarm ignores a changed {option}: rename the entry, or give it another `name:`"
        ),
        Difference::Content { .. } | Difference::Unknown { .. } => format!(
            "rename the entry or give it another `name:`, or `docker {kind} rm {name}` if nobody needs that one"
        ),
    }
}
