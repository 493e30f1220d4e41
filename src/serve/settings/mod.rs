//! The settings of the service: one TOML file, the environment, and the files with secrets that they name.
//!
//! `layout` is the file as it is written, into which the `environment` is put. `reading` makes settings of it, with its `repositories`,
//! its `stacks`, whom to `notify` and the `files` that it names. A `reader` of single values serves each of them, and `receiver` knows
//! the settings that a receiver has. `error` reports all problems at once. `repository_names` checks the names of repositories, and
//! derives those that forges use. No address is shown with its `userinfo`. Of the `addresses` that requests are sent to, only the host
//! is shown.

mod addresses;
mod environment;
mod error;
mod files;
mod layout;
mod notify;
mod reader;
mod reading;
mod receiver;
mod repositories;
mod repository_names;
mod served;
mod stacks;
mod userinfo;

#[cfg(test)]
pub(crate) use addresses::BearerToken;
pub(crate) use addresses::WebAddress;
pub(crate) use environment::PREFIX;
pub(crate) use error::{ServiceSettingsError, SettingProblem};
pub(crate) use reading::GivenSettings;
pub(crate) use served::{
    CertificateFiles, GitAccess, NotifySettings, ServedRepository, ServedStack, ServiceSettings,
};
pub(crate) use userinfo::without_userinfo;
