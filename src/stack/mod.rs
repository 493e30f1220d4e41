//! A stack's story: find its files, read their secrets and configs, name each by the version of its file.
//!
//! [`load()`] goes from a stack's name to a [`Stack`]: its files are found (`discover`) in the work tree or in a commit
//! (`source`), read as YAML that knows its bytes (`yaml`), understood as Compose (`compose`); each
//! managed file gives content and a blob id (`source`), and from that its object's name (`naming`). A stack can say what
//! it wants ([`DesiredStack`]), give the plaintext of an object, list its variables, and render its files with
//! every managed entry as `external` (`render`). Nothing here talks to Docker.

mod collisions;
mod compose;
mod conventions;
mod desired;
mod discover;
mod env_files;
mod error;
mod external_networks;
mod files;
mod load;
mod loaded;
mod name;
mod named_files;
mod naming;
mod object;
mod object_kind;
mod own_deployment;
mod place;
mod render;
mod settings;
mod source;
mod steering;
mod variables;
mod version;
mod yaml;

pub(crate) use compose::{ComposeError, InterpolationError};
pub(crate) use conventions::{
    MAXIMUM_FILE_LENGTH, StackPaths, beside, is_yaml, may_be_stack_file, without_parents,
};
pub(crate) use desired::{DesiredService, DesiredStack};
pub(crate) use discover::DiscoverError;
pub(crate) use env_files::EnvFile;
pub(crate) use error::{EntryPlace, StackError};
pub(crate) use external_networks::ExternalNetwork;
pub(crate) use load::{PartialStack, discover, load_partially};
pub use load::{StackQuery, load};
pub use loaded::Stack;
pub use name::StackName;
pub(crate) use name::{NameError, ObjectName};
pub(crate) use named_files::{FileUse, named_files};
pub(crate) use naming::NamingError;
pub(crate) use object::ExternalObject;
pub use object::StackObject;
pub use object_kind::ObjectKind;
pub(crate) use own_deployment::OwnDeployment;
pub(crate) use render::RenderedFile;
pub use settings::Settings;
pub(crate) use settings::{SETTINGS_FILE, SettingsError, VersionScheme};
pub use source::Accepted;
pub(crate) use source::{SourceError, TreeError};

#[cfg(test)]
pub(crate) use {
    object::NamePattern,
    source::{HeldContent, Origin},
    version::Version,
};
