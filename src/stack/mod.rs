//! Reads stacks: finds their files, reads the secrets and configs in them, and names each by the version of its file.
//!
//! [`load()`] turns a stack's name into a [`Stack`]. It finds the stack's files (`find`) in the work tree or in a commit
//! (`source`), parses them as YAML whose nodes know their byte ranges (`yaml`), and interprets them as Compose (`compose`).
//! Each managed file gives content and a blob id (`source`), and the id gives its object's name (`desired`). A stack can
//! tell what it wants ([`DesiredStack`]), return the plaintext of an object, and render its files with every managed entry
//! as `external` (`render`). `handover` is what else a deployment needs. Nothing here talks to Docker.

mod compose;
mod desired;
mod drafts;
mod error;
mod file_users;
mod files;
mod find;
mod handover;
mod line_end;
mod load;
mod loaded;
mod names;
mod render;
mod source;
mod yaml;

pub(crate) use compose::{
    ComposeError, InterpolationError, ServiceFields, ValueDigest, interpolate, interpolate_strictly,
};
pub use desired::StackObject;
pub(crate) use desired::{DesiredService, DesiredStack, ExternalObject, NamingError};
pub(crate) use error::StackError;
pub(crate) use file_users::services_that_use;
pub use find::Settings;
pub(crate) use find::{
    DiscoverError, FileUse, LONGEST_VERSION, MAXIMUM_FILE_LENGTH, SETTINGS_FILE, SettingsError,
    StackPaths, StackSettings, VersionScheme, beside, is_yaml, may_be_stack_file, named_files,
    without_parents,
};
pub(crate) use handover::{DeploymentInput, EnvFile, ExternalNetwork, OwnDeployment};
pub(crate) use load::{
    PartialStack, discover, load_partially, load_with_problems, overlooked_files,
};
pub use load::{StackQuery, load};
pub use loaded::Stack;
pub(crate) use names::{EntryPlace, NameError, ObjectName, hexadecimal};
pub use names::{ObjectKind, StackName};
pub(crate) use render::{
    FilePart, FileParts, RenderedFile, rendered_with_invented_names, written_anew,
};
pub use source::Accepted;
pub(crate) use source::{DIRTY, SourceError, TreeError, VariablesError};

#[cfg(test)]
pub(crate) use {
    desired::NamePattern,
    names::Version,
    source::{HeldContent, Origin},
};
