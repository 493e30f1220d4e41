//! Why a run did not succeed, and whether another attempt may.

use thiserror::Error;

use crate::repository::RepositoryError;
use crate::serve::clone::FetchError;
use crate::stack::{SettingsError, StackError};
use crate::swarm::{Breakage, ClientError, EngineError, SwarmError};

/// Texts in errors of the docker client that are likely to be temporary.
const PASSING: [&str; 12] = [
    "does not have a leader",
    "is not a swarm manager",
    "needs to be unlocked",
    // Another docker client has changed the service at the same time: one left by a killed service, or one on another
    // manager.
    "update out of sequence",
    "code = Unavailable",
    "code = DeadlineExceeded",
    "context deadline exceeded",
    "connection refused",
    "connection reset by peer",
    "Cannot connect to the Docker daemon",
    "unexpected EOF",
    "i/o timeout",
];

/// Why a run did not succeed.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The delivery came before the forge's Git server has the commit.
    #[error("commit {commit} was pushed, and is not on the branch {branch} of the remote yet")]
    PushNotThere { commit: String, branch: String },
    /// The pushed commit did not appear on the remote in time.
    #[error(
        "commit {commit} was pushed, and has not come to the branch {branch} of the remote; sending the delivery again asks again"
    )]
    PushMissing { commit: String, branch: String },
    /// The run was started by the service itself, and docker has given up on this commit before.
    #[error(
        "docker has given commit {commit} up before: it waits for another commit, for its delivery to be sent again, or for a request"
    )]
    GivenUp { commit: String },
    /// The run was interrupted, and docker has rolled its deployment back since.
    #[error(
        "commit {commit} was being deployed when this service ended, and docker has rolled service {service} back since"
    )]
    RolledBack { commit: String, service: String },
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Swarm(#[from] SwarmError),
}

impl RunError {
    /// True if the error is likely to be temporary. The run is then tried again.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Fetch(_) | Self::PushNotThere { .. } => true,
            Self::Engine(error) => is_of_connection(error),
            Self::Swarm(error) => is_of_swarm(error),
            Self::PushMissing { .. }
            | Self::GivenUp { .. }
            | Self::RolledBack { .. }
            | Self::Repository(_)
            | Self::Settings(_)
            | Self::Stack(_) => false,
        }
    }

    /// True if docker has tried to deploy the commit and has given up.
    pub(super) fn is_of_given_up(&self) -> bool {
        match self {
            Self::GivenUp { .. } | Self::RolledBack { .. } => true,
            Self::Swarm(SwarmError::NotConverged { broken, .. }) => {
                broken.iter().any(|(_, breakage)| is_given_up(breakage))
            }
            _ => false,
        }
    }

    /// The path of the encrypted file that the key does not open; `None` for other errors.
    pub(super) fn unopened_file(&self) -> Option<&str> {
        match self {
            Self::Stack(error) => error.unopened_file(),
            Self::Swarm(error) => unopened_file(error),
            _ => None,
        }
    }

    /// True if the Swarm runs commits that the clone does not have.
    pub(super) fn is_of_stale_clone(&self) -> bool {
        matches!(self, Self::Swarm(SwarmError::StaleClone { .. }))
    }

    /// True if the deployment took too long.
    pub(super) fn is_timeout(&self) -> bool {
        let Self::Swarm(error) = self else {
            return false;
        };
        has_timed_out(error)
    }
}

/// True if docker has ended the update. In the other cases docker goes on by itself, and another attempt would only
/// watch it.
fn is_given_up(breakage: &Breakage) -> bool {
    match breakage {
        Breakage::RolledBack { .. }
        | Breakage::RollbackPaused { .. }
        | Breakage::UpdatePaused { .. } => true,
        Breakage::CannotStart { .. } | Breakage::KeepsFailing { .. } | Breakage::Gone => false,
    }
}

fn is_of_swarm(error: &SwarmError) -> bool {
    match error {
        SwarmError::Engine(error) => is_of_connection(error),
        SwarmError::HalfCreated { source, .. }
        | SwarmError::HalfRemoved { source, .. }
        | SwarmError::Stopped { source, .. } => is_of_swarm(source),
        SwarmError::TurnLost { .. } => true,
        SwarmError::Client(
            ClientError::Refused { words, .. } | ClientError::CanNotConnect { words },
        ) => PASSING.iter().any(|passing| words.contains(passing)),
        _ => false,
    }
}

fn is_of_connection(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::NotRunning { .. }
            | EngineError::NoLeader { .. }
            | EngineError::TimedOut { .. }
            | EngineError::Gone { .. }
            | EngineError::Ssh { .. }
            | EngineError::NotManager { .. }
            | EngineError::SwarmLocked { .. }
            | EngineError::NoRuntime { .. }
    )
}

fn unopened_file(error: &SwarmError) -> Option<&str> {
    match error {
        SwarmError::Stack(error) => error.unopened_file(),
        SwarmError::Several { problems } => problems.iter().find_map(unopened_file),
        _ => None,
    }
}

fn has_timed_out(error: &SwarmError) -> bool {
    match error {
        SwarmError::TimedOut { .. } => true,
        SwarmError::Stopped { source, .. } => has_timed_out(source),
        SwarmError::NotConverged {
            source: Some(source),
            ..
        } => has_timed_out(source),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::StackName;

    #[test]
    fn a_client_that_meets_a_swarm_without_a_leader_is_run_again() {
        let refused = |words: &str| {
            let error = ClientError::Refused {
                stack: StackName::parse("web").expect("a name"),
                place: None,
                usage: false,
                words: words.to_owned(),
            };
            RunError::Swarm(error.into()).may_pass()
        };
        assert!(refused(
            "Error response from daemon: rpc error: code = Unknown desc = The swarm does not have a leader."
        ));
        assert!(refused(
            "failed to update service web_app: rpc error: code = Unknown desc = update out of sequence"
        ));
        assert!(refused(
            "This node is not a swarm manager. Use \"docker swarm init\""
        ));
        assert!(!refused("services.app.image must be a string"));
    }
}
