//! All that is wrong with the settings of the service.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::addresses::WebAddressError;
use crate::serve::deliveries::HookSecretError;
use crate::serve::window::WindowError;
use crate::stack::NameError;

/// Why the settings can't be used. Each text begins with the file, or with the variable.
#[derive(Debug, Error)]
pub(crate) enum ServiceSettingsError {
    /// The file could not be read.
    #[error("reading the settings {} failed: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The file is no TOML, or has a setting that does not exist.
    #[error("{}:{line}: {reason}", path.display())]
    Invalid {
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The parser's own words.
        reason: String,
    },
    /// Values can't be used.
    #[error("{}", problems.iter().map(|(place, problem)| format!("{place}: {problem}")).collect::<Vec<_>>().join("; "))]
    Values {
        /// Each of them, behind the file or the variable that the value is from.
        problems: Vec<(String, SettingProblem)>,
    },
}

/// A setting whose value can't be used.
#[derive(Debug, Error)]
pub(crate) enum SettingProblem {
    /// A variable that has no meaning.
    #[error("there is no setting of this name")]
    UnknownVariable { variable: String },
    /// Everything that the service deploys could read it.
    #[error(
        "a secret must not be in the environment, which stack files can read: write it into a file, and name that in {instead}"
    )]
    SecretInEnvironment { variable: String, instead: String },
    /// A variable that is about one repository.
    #[error("the file has several repositories, and it is not said which one is meant")]
    SeveralRepositories { variable: String },
    /// There is nothing to serve.
    #[error("there is no `[stacks.NAME]`")]
    NoStacks,
    /// An address without a port, or none.
    #[error("`{setting}` is `{value}`, and must be an address with a port, as in `127.0.0.1:8420`")]
    Address {
        setting: &'static str,
        value: String,
    },
    /// A time that can't be read, or is too short or too long.
    #[error(
        "`{setting}` is `{value}`, and must be a time, as in `90s` or `5m`, of at least 1 s and at most 7 days"
    )]
    Time {
        setting: &'static str,
        value: String,
    },
    /// A file that is named could not be read.
    #[error("`{setting}`: reading {} failed: {source}", path.display())]
    File {
        setting: String,
        path: PathBuf,
        source: io::Error,
    },
    /// A file that is trusted, and that everybody may change.
    #[error("`{setting}`: anybody may write to {}: `chmod o-w` it", path.display())]
    Writable { setting: String, path: PathBuf },
    /// A file holds no secret that may be used.
    #[error("`{setting}`: {}: {source}", path.display())]
    Secret {
        setting: String,
        path: PathBuf,
        source: HookSecretError,
    },
    /// A text that is no address, or no token.
    #[error("`{setting}`: {source}")]
    WebAddress {
        setting: &'static str,
        source: WebAddressError,
    },
    /// A word that has no meaning here.
    #[error("`{setting}` is `{value}`, and must be one of {known}")]
    Word {
        setting: &'static str,
        value: String,
        known: String,
    },
    /// An address that whoever reads the settings could use.
    #[error(
        "[notify]: `url` is a secret in this format: write it into a file, and name that as `url-file`"
    )]
    SecretAddress,
    /// It is not known whom to tell.
    #[error("[notify]: one of `url-file` and `url` must be set")]
    OneAddress,
    /// A setting that does not go with the format.
    #[error("[notify]: {reason}")]
    Notify { reason: &'static str },
    /// One of two files that belong together.
    #[error("`tls-cert-file` and `tls-key-file` need each other")]
    HalfCertificate,
    /// A receiver that could verify nothing.
    #[error(
        "with `forward`, a repository must have `secret-files`: only deliveries that fit are handed on"
    )]
    ReceiverWithoutSecrets,
    /// A setting of an updater.
    #[error("`{setting}` has no meaning with `forward`: it is for the updater")]
    OfUpdater { setting: String },
    /// A name that no stack can have.
    #[error("[stacks.{name}]: {source}")]
    StackName { name: String, source: NameError },
    /// A name that can't be one of a folder.
    #[error("[repositories.{name}]: the name may have letters, digits, `-` and `_` alone")]
    RepositoryName { name: String },
    /// An address or a branch that git would take for an option, or that is none.
    #[error("[repositories.{name}]: `{setting}` can't be `{value}`")]
    RepositoryValue {
        name: String,
        setting: &'static str,
        value: String,
    },
    /// It is not said where a repository is.
    #[error("[repositories.{name}]: `url` is missing")]
    NoUrl { name: String },
    /// An address that other users of the machine would see with its password.
    #[error(
        "[repositories.{name}]: `url` must have no user or password: `user` and `token-file` are for these"
    )]
    UrlWithUser { name: String },
    /// Two repositories that a delivery can't tell apart.
    #[error("[repositories.{one}] and [repositories.{other}] have one full name and one branch")]
    SameRepository { one: String, other: String },
    /// A stack does not say where it comes from.
    #[error("[stacks.{name}]: there are {count} repositories; `repository` must name one")]
    NoRepository { name: String, count: usize },
    /// A stack comes from a repository that is not there.
    #[error("[stacks.{name}]: there is no `[repositories.{repository}]`")]
    UnknownRepository { name: String, repository: String },
    /// Drift is to be healed, and nobody looks for it.
    #[error("[stacks.{name}]: `heal` needs `drift`, which says how often to look")]
    HealWithoutDrift { name: String },
    /// The window can't be read.
    #[error("[stacks.{name}]: {source}")]
    Window { name: String, source: WindowError },
}

impl SettingProblem {
    /// The path of the setting that it is about, as in `repositories.home-lab.url`; `None` if it is about several.
    pub(super) fn setting(&self) -> Option<String> {
        Some(match self {
            Self::UnknownVariable { variable }
            | Self::SecretInEnvironment { variable, .. }
            | Self::SeveralRepositories { variable } => variable.clone(),
            Self::Address { setting, .. }
            | Self::Time { setting, .. }
            | Self::Word { setting, .. }
            | Self::WebAddress { setting, .. } => (*setting).to_owned(),
            Self::File { setting, .. }
            | Self::Writable { setting, .. }
            | Self::Secret { setting, .. }
            | Self::OfUpdater { setting } => setting.clone(),
            Self::StackName { name, .. } => format!("stacks.{name}"),
            Self::NoRepository { name, .. } | Self::UnknownRepository { name, .. } => {
                format!("stacks.{name}.repository")
            }
            Self::HealWithoutDrift { name } => format!("stacks.{name}.heal"),
            Self::Window { name, .. } => format!("stacks.{name}.window"),
            Self::RepositoryName { name } => format!("repositories.{name}"),
            Self::RepositoryValue { name, setting, .. } => {
                format!("repositories.{name}.{setting}")
            }
            Self::NoUrl { name } | Self::UrlWithUser { name } => {
                format!("repositories.{name}.url")
            }
            Self::SecretAddress | Self::Notify { .. } => "notify.format".to_owned(),
            Self::NoStacks
            | Self::HalfCertificate
            | Self::OneAddress
            | Self::ReceiverWithoutSecrets
            | Self::SameRepository { .. } => return None,
        })
    }
}
