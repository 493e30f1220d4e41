//! The settings of the service: one TOML file, and the files with secrets that it names.
//!
//! `layout` is the file as it is written, `reading` makes settings of it, and `error` says all that is wrong with it at once.

mod error;
mod layout;
mod reading;
mod served;

pub(crate) use error::{ServiceSettingsError, SettingProblem};
pub(crate) use served::{GitAccess, ServedRepository, ServedStack, ServiceSettings};
