//! The settings of the service: one TOML file, the environment, and the files with secrets that these name.
//!
//! `layout` is the file as it is written, into which the `environment` is put. `reading` makes settings of it, with its `repositories` and `stacks`, whom to `notify` and the `files` that it
//! names, `receiver` knows the settings that a receiver has, and `error` says all that is wrong with it at once. No address is shown with its `userinfo`,
//! and of the `addresses` that requests are sent to the host alone.

mod addresses;
mod environment;
mod error;
mod files;
mod layout;
mod notify;
mod reading;
mod receiver;
mod repositories;
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
