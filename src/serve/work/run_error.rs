//! Why a run did not succeed, and whether another attempt may.

use thiserror::Error;

use crate::repository::RepositoryError;
use crate::serve::clone::FetchError;
use crate::stack::{SettingsError, StackError};
use crate::swarm::{EngineError, SwarmError};

/// Why a run did not succeed.
#[derive(Debug, Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
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
    /// True if it may go away by itself: the run is tried again.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Fetch(_) => true,
            Self::Engine(error) => is_of_connection(error),
            Self::Swarm(error) => is_of_swarm(error),
            Self::Repository(_) | Self::Settings(_) | Self::Stack(_) => false,
        }
    }

    /// The path of a file that the key does not open, if that is the reason.
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

    /// True if the time was over.
    pub(super) fn is_timeout(&self) -> bool {
        let Self::Swarm(error) = self else {
            return false;
        };
        has_timed_out(error)
    }
}

fn is_of_swarm(error: &SwarmError) -> bool {
    match error {
        SwarmError::Engine(error) => is_of_connection(error),
        SwarmError::HalfCreated { source, .. }
        | SwarmError::HalfRemoved { source, .. }
        | SwarmError::Stopped { source, .. } => is_of_swarm(source),
        SwarmError::TurnLost { .. } => true,
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
