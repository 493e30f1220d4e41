//! The services after a deployment: they are watched until each has converged, or can't.

mod converge;
pub(crate) mod state;
pub(crate) mod watch;
