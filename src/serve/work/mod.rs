//! The work: runs are started when they may be, and each brings a stack to the newest commit of its branch.
//!
//! The `updater` starts runs and the threads beside them; what all of them share is the `context`. `running` is one run from start to
//! end: `bringing` does it and tells its `story`. A run that could not begin, since a remote or the Swarm can't be reached, is tried again
//! later (`retries`), and one whose key was changed waits for another key. `attempts` that a replaced service has left are known again.
//! `polling` looks for what no forge has told of, `drift` for what somebody has changed in the Swarm, and the `pulse` says whether that
//! answers.

mod attempts;
mod bringing;
mod context;
mod docker_access;
mod drift;
mod panic;
mod polling;
mod pulse;
mod retries;
mod run_error;
mod running;
mod story;
mod trouble;
mod updater;

pub(crate) use context::UpdaterParts;
pub(crate) use docker_access::DockerAccess;
pub(crate) use updater::Updater;
