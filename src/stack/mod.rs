//! A stack's story: find its files, read their secrets and configs, name each by the version of its file.

mod compose;
mod document;
mod interpolate;
mod name;
mod object;
mod settings;
mod version;

pub use name::{NameError, ObjectName, StackName};
pub use object::{
    DesiredObject, DesiredService, DesiredStack, ExternalObject, NamePattern, ObjectKind, Origin,
};
pub use version::Version;
