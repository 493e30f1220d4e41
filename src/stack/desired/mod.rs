//! The state that a stack wants in the Swarm: its objects with their names, its external entries, its services.

mod collisions;
mod desired_stack;
mod naming;
mod naming_error;
mod object;
mod steering;

pub(crate) use collisions::collisions;
pub(crate) use desired_stack::{DesiredService, DesiredStack};
pub(crate) use naming::{WrittenName, file_variable, version_length};
pub(crate) use naming_error::NamingError;
pub use object::StackObject;
pub(crate) use object::{ExternalObject, NamePattern};
pub(crate) use steering::steers_programs;
