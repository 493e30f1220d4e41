//! The settings file as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ServiceLayout {
    pub(super) listen: Option<String>,
    pub(super) page: Option<String>,
    pub(super) forward: Option<String>,
    pub(super) state: Option<PathBuf>,
    pub(super) tls_cert_file: Option<PathBuf>,
    pub(super) tls_key_file: Option<PathBuf>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) timeout: Option<String>,
    pub(super) poll: Option<String>,
    pub(super) drift: Option<String>,
    pub(super) docker_config: Option<PathBuf>,
    #[serde(default)]
    pub(super) docker_arguments: Vec<String>,
    #[serde(default)]
    pub(super) repositories: BTreeMap<String, RepositoryLayout>,
    #[serde(default)]
    pub(super) stacks: BTreeMap<String, StackLayout>,
    pub(super) notify: Option<NotifyLayout>,
}

/// `[repositories.NAME]`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RepositoryLayout {
    pub(super) url: Option<String>,
    pub(super) branch: Option<String>,
    #[serde(default)]
    pub(super) full_names: Vec<String>,
    pub(super) key_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) secret_files: Vec<PathBuf>,
    #[serde(default)]
    pub(super) allow_sha1: bool,
    pub(super) ssh_key_file: Option<PathBuf>,
    pub(super) known_hosts_file: Option<PathBuf>,
    pub(super) user: Option<String>,
    pub(super) token_file: Option<PathBuf>,
}

/// `[stacks.NAME]`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct StackLayout {
    pub(super) repository: Option<String>,
    pub(super) window: Option<String>,
    #[serde(default)]
    pub(super) heal: bool,
}

/// `[notify]`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct NotifyLayout {
    pub(super) url: Option<String>,
    pub(super) url_file: Option<PathBuf>,
    pub(super) format: Option<String>,
    pub(super) on: Option<Vec<String>>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) room: Option<String>,
}
