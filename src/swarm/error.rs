//! Why a stack's objects are not as they should be in the Swarm.

use thiserror::Error;

use super::engine::EngineError;
use super::plan::Obstacle;

/// What ends the work of this room.
#[derive(Debug, Error)]
pub enum SwarmError {
    /// The daemon could not be asked, or did not do it.
    #[error(transparent)]
    Engine(#[from] EngineError),

    /// Something stands in the way; nothing was done.
    #[error("{}", listed(.obstacles))]
    Blocked {
        /// What it is, of all stacks.
        obstacles: Vec<Obstacle>,
    },

    /// Creating stopped in the middle.
    #[error("{source}; {done} of {total} objects were created before")]
    HalfCreated {
        /// How many are there now.
        done: usize,
        /// How many were to be created.
        total: usize,
        /// Why it stopped.
        source: Box<SwarmError>,
    },

    /// Removing stopped in the middle.
    #[error("{source}; {done} of {total} objects were removed before")]
    HalfRemoved {
        /// How many are gone now.
        done: usize,
        /// How many were to be removed.
        total: usize,
        /// Why it stopped.
        source: Box<SwarmError>,
    },

    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,

    /// Services have begun to use objects that were to be removed.
    #[error("{} left, in use by now: {}", .names.len(), .names.join(", "))]
    StillUsed {
        /// Kinds and names of the objects.
        names: Vec<String>,
    },
}

fn listed(obstacles: &[Obstacle]) -> String {
    let obstacles: Vec<String> = obstacles.iter().map(Obstacle::to_string).collect();
    obstacles.join("; ")
}
