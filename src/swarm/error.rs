//! Why work on a Swarm failed.

use std::time::Duration;

use thiserror::Error;

use super::deploy::client::error::ClientError;
use super::deploy::commits_ahead::CommitAhead;
use super::deploy::convergence::state::Breakage;
use super::engine::EngineError;
use super::objects::plan::Obstacle;
use crate::stack::{DesiredStack, StackError, StackName};

/// An error that ends work on a Swarm.
#[derive(Debug, Error)]
pub enum SwarmError {
    /// The daemon could not be reached, or refused a request.
    #[error(transparent)]
    Engine(#[from] EngineError),

    /// There are obstacles. Nothing was done.
    #[error("{}", listed(.obstacles))]
    Blocked {
        /// The obstacles of all stacks.
        obstacles: Vec<Obstacle>,
    },

    /// Creating objects failed after some were created.
    #[error("{source}; {done} of {total} objects were created before")]
    HalfCreated {
        /// How many objects exist now.
        done: usize,
        /// How many objects had to be created.
        total: usize,
        /// Why it failed.
        source: Box<SwarmError>,
    },

    /// Removing objects failed after some were removed.
    #[error("{source}; {done} of {total} objects were removed before")]
    HalfRemoved {
        /// How many objects are removed now.
        done: usize,
        /// How many objects had to be removed.
        total: usize,
        /// Why it failed.
        source: Box<SwarmError>,
    },

    /// Services have not reached the state that their specs ask for.
    #[error("{}", not_converged(.waiting, .broken, .source.as_deref()))]
    NotConverged {
        /// Services that have not converged yet, with descriptions of their states.
        waiting: Vec<(String, String)>,
        /// Services that can't converge, with the reasons.
        broken: Vec<(String, Breakage)>,
        /// The stacks that were deployed.
        stacks: Vec<StackName>,
        /// Why waiting for the services ended early.
        source: Option<Box<SwarmError>>,
    },

    /// The Swarm runs commits that this repository does not have.
    #[error("{}", not_here(.commits))]
    StaleClone {
        /// The commits, each with something in the Swarm that was made from it.
        commits: Vec<CommitAhead>,
    },

    /// A stack can't be rendered, or its files can't be decrypted.
    #[error(transparent)]
    Stack(Box<StackError>),

    /// The docker client failed to deploy a stack.
    #[error(transparent)]
    Client(#[from] ClientError),

    /// This deployment seemed dead, and another one has taken its turn.
    #[error(
        "this deployment of {stack} was without a sign of life for so long that another one has taken its turn"
    )]
    TurnLost {
        /// The stack.
        stack: StackName,
    },

    /// The work took longer than the user allows.
    #[error("not done within {}", in_words(*.limit))]
    TimedOut {
        /// The time that the user allows.
        limit: Duration,
    },

    /// The work was ended early by an interrupt or a time limit.
    #[error("{source} while {doing}")]
    Stopped {
        /// The action that was ended.
        doing: String,
        /// Why it was ended.
        source: Box<SwarmError>,
    },

    /// The user interrupted the work.
    #[error("interrupted")]
    Interrupted,

    /// Several errors, found before anything was done.
    #[error("{}", problems.iter().map(Self::to_string).collect::<Vec<_>>().join("; "))]
    Several {
        /// Each of them.
        problems: Vec<SwarmError>,
    },

    /// Services now use objects that had to be removed.
    #[error("{} left, in use by now: {}", .names.len(), .names.join(", "))]
    StillUsed {
        /// Kinds and names of the objects.
        names: Vec<String>,
    },
}

impl From<StackError> for SwarmError {
    fn from(error: StackError) -> Self {
        Self::Stack(Box::new(error))
    }
}

fn listed(obstacles: &[Obstacle]) -> String {
    let obstacles: Vec<String> = obstacles.iter().map(Obstacle::to_string).collect();
    obstacles.join("; ")
}

fn not_converged(
    waiting: &[(String, String)],
    broken: &[(String, Breakage)],
    source: Option<&SwarmError>,
) -> String {
    let broken = broken
        .iter()
        .map(|(service, breakage)| format!("service {service}: {breakage}"));
    let waiting = waiting
        .iter()
        .map(|(service, progress)| format!("service {service} has not converged ({progress})"));
    let source = source.map(SwarmError::to_string);
    let parts: Vec<String> = source.into_iter().chain(broken).chain(waiting).collect();
    parts.join("; ")
}

fn not_here(commits: &[CommitAhead]) -> String {
    let commits = commits.iter().map(|ahead| {
        let CommitAhead { runs, commit, .. } = ahead;
        let commit = commit.get(..7).unwrap_or(commit);
        format!("the Swarm runs {runs} of commit {commit}, which this clone does not have")
    });
    commits.collect::<Vec<_>>().join("; ")
}

fn in_words(limit: Duration) -> String {
    match limit.as_secs() {
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

impl SwarmError {
    /// True if the user interrupted the work.
    pub fn is_interrupt(&self) -> bool {
        match self {
            Self::Interrupted => true,
            Self::HalfCreated { source, .. }
            | Self::HalfRemoved { source, .. }
            | Self::Stopped { source, .. } => source.is_interrupt(),
            Self::NotConverged { source, .. } => {
                source.as_ref().is_some_and(|source| source.is_interrupt())
            }
            Self::Several { problems } => problems.iter().any(Self::is_interrupt),
            _ => false,
        }
    }

    /// An error if there are any problems.
    pub(crate) fn of_all(mut problems: Vec<Self>) -> Result<(), Self> {
        match problems.len() {
            0 => Ok(()),
            1 => Err(problems.remove(0)),
            _ => Err(Self::Several { problems }),
        }
    }

    /// Adds the deployed stacks to an error about services.
    pub(crate) fn of_stacks(self, deployed: &[&DesiredStack]) -> Self {
        match self {
            Self::NotConverged {
                waiting,
                broken,
                source,
                ..
            } => Self::NotConverged {
                stacks: deployed.iter().map(|stack| stack.name.clone()).collect(),
                waiting,
                broken,
                source,
            },
            other => other,
        }
    }

    /// For [`Result::map_err`]: adds `doing` to the error if an interrupt or a time limit has ended the work.
    pub fn stopped(doing: impl Into<String>) -> impl FnOnce(Self) -> Self {
        move |source| match source {
            Self::Interrupted | Self::TimedOut { .. } => Self::Stopped {
                doing: doing.into(),
                source: Box::new(source),
            },
            other => other,
        }
    }
}
