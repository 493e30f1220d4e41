//! Kinds, names and versions. Each is checked when it is created, so that an existing value is always valid.

mod entry_place;
mod name;
mod object_kind;
mod version;

pub(crate) use entry_place::EntryPlace;
pub(crate) use name::LONGEST_NAME;
pub use name::StackName;
pub(crate) use name::{NameError, ObjectName};
pub use object_kind::ObjectKind;
pub(crate) use version::{Version, hexadecimal};
