//! A stack file in the Compose 3.x format: its entries, services, networks, with the docker client's interpolation.

mod entry;
mod error;
mod file;
mod interpolate;
mod interpolation_error;
mod left_to_docker;
mod networks;
mod ports_and_mounts;
mod reader;
mod service_fields;
mod uses;
mod variables;

pub(crate) use error::ComposeError;
pub(super) use file::{ComposeFile, Definition, Managed, StackEntry, StackService};
pub(super) use interpolate::{Environment, TextPiece, UnsetVariables, is_variable_name, pieces};
pub(crate) use interpolate::{interpolate, interpolate_strictly};
pub(crate) use interpolation_error::InterpolationError;
pub(super) use service_fields::FieldScope;
pub(crate) use service_fields::{ServiceFields, ValueDigest};
pub(super) use variables::StackVariable;
