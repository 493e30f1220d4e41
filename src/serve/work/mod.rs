//! The work: starts runs, each of which brings a stack to the newest commit of its branch.
//! The `updater` starts runs and the other threads, which share the `context`. `running` is one run from start to end:
//! `commit_deployment` deploys, and the `run_log` collects its log lines. `retries` says when a run is tried again, because a
//! remote or the Swarm can't be reached or because a key does not open a file. `attempts` outlive a service that is
//! replaced in the middle of a run. `polling` asks the remotes for new commits, `drift` looks for changes that others
//! have made in the Swarm, and the `swarm_check` says whether the Swarm answers.

mod attempts;
mod commit_deployment;
mod context;
mod docker_access;
mod drift;
mod last_error;
mod panic;
mod polling;
mod retries;
mod run_error;
mod run_log;
mod running;
mod swarm_check;
mod updater;

pub(crate) use context::UpdaterParts;
pub(crate) use docker_access::DockerAccess;
pub(crate) use updater::Updater;
