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
        /// Message of the parser.
        reason: String,
    },
    /// Values can't be used.
    #[error("{}", problems.iter().map(|(place, problem)| format!("{place}: {problem}")).collect::<Vec<_>>().join("; "))]
    Values {
        /// Each problem, after the file or the environment variable that the value is from.
        problems: Vec<(String, SettingProblem)>,
    },
}

/// A setting whose value can't be used.
#[derive(Debug, Error)]
pub(crate) enum SettingProblem {
    /// An environment variable that has the prefix of the settings, but is for none.
    #[error("there is no setting of this name")]
    UnknownVariable { variable: String },
    /// A variable that is not UTF-8. Replacing its invalid bytes would change a path in it.
    #[error("its value is not UTF-8")]
    NotUtf8 { variable: String },
    /// A secret in an environment variable. Every stack file that the service deploys could read it.
    #[error(
        "a secret must not be in the environment, which stack files can read: write it into a file, and name that in {instead}"
    )]
    SecretInEnvironment { variable: String, instead: String },
    /// An environment variable for a repository, although the file has several.
    #[error("the file has several repositories, and it is not said which one is meant")]
    SeveralRepositories { variable: String },
    /// The settings have no stack.
    #[error("there is no `[stacks.NAME]`")]
    NoStacks,
    /// A value that is no IP address with a port.
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
    /// A file that a setting names could not be read.
    #[error("`{setting}`: reading {} failed: {source}", path.display())]
    File {
        setting: String,
        path: PathBuf,
        source: io::Error,
    },
    /// A file that must be trusted can be changed by everybody.
    #[error("`{setting}`: anybody may write to {}: `chmod o-w` it", path.display())]
    Writable { setting: String, path: PathBuf },
    /// A file whose content can't be the secret of a hook.
    #[error("`{setting}`: {}: {source}", path.display())]
    Secret {
        setting: String,
        path: PathBuf,
        source: HookSecretError,
    },
    /// A text that is no web address, or no token.
    #[error("`{setting}`: {source}")]
    WebAddress {
        setting: &'static str,
        source: WebAddressError,
    },
    /// A value that is none of the known words.
    #[error("`{setting}` is `{value}`, and must be one of {known}")]
    Word {
        setting: &'static str,
        value: String,
        known: String,
    },
    /// An address that is a secret stands in the settings themselves.
    #[error(
        "[notify]: `url` is a secret in this format: write it into a file, and name that as `url-file`"
    )]
    SecretAddress,
    /// Notifications need exactly one address.
    #[error("[notify]: one of `url-file` and `url` must be set")]
    OneAddress,
    /// A setting that does not go with the format.
    #[error("[notify]: {reason}")]
    Notify { reason: &'static str },
    /// A certificate without its key, or a key without its certificate.
    #[error("`tls-cert-file` and `tls-key-file` need each other")]
    HalfCertificate,
    /// A receiver without secrets can't verify deliveries.
    #[error(
        "with `forward`, a repository must have `secret-files`: only deliveries that fit are handed on"
    )]
    ReceiverWithoutSecrets,
    /// A receiver has a setting that only an updater uses.
    #[error("`{setting}` has no meaning with `forward`: it is for the updater")]
    OfUpdater { setting: String },
    /// A name that no stack can have.
    #[error("[stacks.{name}]: {source}")]
    StackName { name: String, source: NameError },
    /// A name that can't be the name of a folder.
    #[error("[repositories.{name}]: the name may have letters, digits, `-` and `_` alone")]
    RepositoryName { name: String },
    /// An address or a branch that git would read as an option, or that can't be one.
    #[error("[repositories.{name}]: `{setting}` can't be `{value}`")]
    RepositoryValue {
        name: String,
        setting: &'static str,
        value: String,
    },
    /// A repository without an address.
    #[error("[repositories.{name}]: `url` is missing")]
    NoUrl { name: String },
    /// An address with a user name or a password, which other users of the machine could see in the arguments of git.
    #[error(
        "[repositories.{name}]: `url` must have no user or password: `user` and `token-file` are for these"
    )]
    UrlWithUser { name: String },
    /// Two repositories that a delivery can't tell apart.
    #[error("[repositories.{one}] and [repositories.{other}] have one full name and one branch")]
    SameRepository { one: String, other: String },
    /// A stack without `repository`, although there is not exactly one repository.
    #[error("[stacks.{name}]: there are {count} repositories; `repository` must name one")]
    NoRepository { name: String, count: usize },
    /// A stack names a repository that the settings don't have.
    #[error("[stacks.{name}]: there is no `[repositories.{repository}]`")]
    UnknownRepository { name: String, repository: String },
    /// A stack is to be healed, although the service does not look for drift.
    #[error("[stacks.{name}]: `heal` needs `drift`, which says how often to look")]
    HealWithoutDrift { name: String },
    /// The deployment window can't be parsed.
    #[error("[stacks.{name}]: {source}")]
    Window { name: String, source: WindowError },
}

impl SettingProblem {
    /// The path of the wrong setting, as in `repositories.home-lab.url`; `None` if several settings are wrong together.
    pub(super) fn setting(&self) -> Option<String> {
        Some(match self {
            Self::UnknownVariable { variable }
            | Self::NotUtf8 { variable }
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
