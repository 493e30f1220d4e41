//! The work: runs are started when they may be, and each brings a stack to the newest commit of its branch.
//!
//! The `updater` starts runs, `bringing` does one and tells its `story`. A run that could not begin, since a remote or the Swarm
//! can't be reached, is tried again later (`retries`). `polling` looks for what no forge has told of, and the `pulse` says whether
//! the Swarm answers.

mod bringing;
mod polling;
mod pulse;
mod retries;
mod story;
mod updater;

pub(crate) use bringing::DockerAccess;
pub(crate) use updater::{Updater, UpdaterParts};
