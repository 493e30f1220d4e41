//! Kinds, names and versions, each checked once when it is made.

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
