//! The parts of the daemon's JSON that this program reads.
//!
//! bollard's own models are not used. They drop a service's `PreviousSpec`, keep the content of every config, and refuse a
//! whole listing for one value that a newer engine has added. Field names are those of the Engine API (`api/swagger.yaml` of
//! moby). Every field that the daemon may omit is optional here.

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
