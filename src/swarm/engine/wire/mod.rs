//! The parts of the daemon's JSON that are read.
//!
//! bollard has models of its own. They drop a service's `PreviousSpec`, keep the content of every config, and refuse a whole
//! listing for one value that a newer engine has invented. Field names are those of the Engine API (`api/swagger.yaml` of
//! moby). Everything that the daemon may leave out may be missing here.

mod compared_service;
mod network;
mod object;
mod service;
mod task;
mod task_spec;
mod volume;

pub(crate) use compared_service::ComparedService;
pub(crate) use network::{NetworkDetails, NetworkName, WireNetwork};
pub(crate) use object::WireObject;
pub(crate) use service::WireService;
pub(crate) use task::WireTask;
pub(crate) use volume::WireVolumes;
