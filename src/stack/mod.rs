//! A stack's story: find its files, read their secrets and configs, name each by the version of its file.
//!
//! [`load`] goes from a stack's name to a [`Stack`]: its files are found (`discover`) in the work tree or in a commit
//! (`tree`), read as YAML that knows its bytes (`document`), understood as Compose (`compose`, with `interpolate`); each
//! managed file gives content and a blob id (`source`), and from that its object's name (`naming`). A stack can say what
//! it wants ([`DesiredStack`]), give the plaintext of an object, list its variables, and render its files with
//! every managed entry as `external` (`render`). Nothing here talks to Docker.

mod compose;
mod compose_error;
mod composer;
mod discover;
mod document;
mod edits;
mod entry;
mod env_files;
mod error;
mod files;
mod interpolate;
mod interpolation_error;
mod keys;
mod load;
mod name;
mod named_files;
mod naming;
mod networks;
mod object;
mod own_deployment;
mod place;
mod plaintext;
mod reader;
mod render;
mod rendered;
mod settings;
mod source;
mod source_error;
mod tree;
mod uses;
mod variable_file;
mod variables;
mod version;

pub use compose_error::ComposeError;
pub use discover::DiscoverError;
pub use document::DocumentError;
pub use env_files::EnvFile;
pub use error::{EntryPlace, StackError};
pub use interpolation_error::InterpolationError;
pub use load::{PartialStack, Stack, StackQuery, discover, load, load_partially};
pub use name::{NameError, ObjectName, StackName};
pub use named_files::{FileUse, NamedFile, has_stack_file_name, may_be_stack_file, named_files};
pub use naming::NamingError;
pub use networks::ExternalNetwork;
pub use object::{
    DesiredObject, DesiredService, DesiredStack, ExternalObject, NamePattern, ObjectKind, Origin,
};
pub use own_deployment::OwnDeployment;
pub use render::RenderedFile;
pub use settings::{SETTINGS_FILE, Settings, SettingsError, VersionScheme};
pub use source_error::SourceError;
pub use tree::TreeError;
pub use variables::Variable;
pub use version::Version;
