//! The settings of the service, as they are used.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::addresses::{BearerToken, WebAddress};
use crate::serve::deliveries::{HookSecret, HookTrust};
use crate::serve::notify::{AnnouncementFormat, Occasion};
use crate::serve::window::DeploymentWindow;
use crate::stack::StackName;

/// The settings of the service.
pub(crate) struct ServiceSettings {
    /// The address for forges.
    pub listen: SocketAddr,
    /// The certificate for that address; `None` if it has no TLS.
    pub certificate: Option<CertificateFiles>,
    /// The address for the page and the metrics.
    pub page: SocketAddr,
    /// The updater that a receiver hands deliveries on to; `None` if this service is an updater.
    pub forward: Option<Arc<WebAddress>>,
    /// The folder of clones and runs.
    pub state: PathBuf,
    /// The token for requests for a deployment; `None` if these are not allowed.
    pub token: Option<Mutex<HookSecret>>,
    /// How long a run may take.
    pub timeout: Duration,
    /// Time between two looks at the remotes; `None` without polling.
    pub poll: Option<Duration>,
    /// Time between two comparisons of the Swarm with the deployed commits; `None` for no comparisons.
    pub drift: Option<Duration>,
    /// The docker client's folder of settings, with the logins of registries.
    pub docker_config: Option<PathBuf>,
    /// Further arguments for `docker stack deploy`.
    pub docker_arguments: Vec<String>,
    pub repositories: Vec<ServedRepository>,
    pub stacks: Vec<ServedStack>,
    /// Where notifications go; `None` for no notifications.
    pub notify: Option<Arc<NotifySettings>>,
}

/// Files in PEM form: the certificate with the chain to its authority, and its private key.
#[derive(Debug, Clone)]
pub(crate) struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Where notifications go, on which occasions, and in which format.
pub(crate) struct NotifySettings {
    pub address: WebAddress,
    pub format: AnnouncementFormat,
    pub occasions: Vec<Occasion>,
    pub token: Option<BearerToken>,
    /// The id of the room, for the format `matrix` alone.
    pub room: Option<String>,
}

/// A repository that stacks come from.
pub(crate) struct ServedRepository {
    pub name: String,
    pub url: String,
    pub branch: String,
    /// The names of the repository at forges, like `owner/name`.
    pub full_names: Vec<String>,
    /// The file with the key of the repository.
    pub key_file: Option<PathBuf>,
    /// The secrets that verify deliveries.
    pub trust: Mutex<HookTrust>,
    pub access: GitAccess,
}

/// The credentials of git for a remote.
#[derive(Debug, Clone, Default)]
pub(crate) struct GitAccess {
    pub ssh_key_file: Option<PathBuf>,
    pub known_hosts_file: Option<PathBuf>,
    /// The user name for HTTPS.
    pub user: Option<String>,
    /// The file with the password or token for HTTPS.
    pub token_file: Option<PathBuf>,
}

/// A stack that the service deploys.
pub(crate) struct ServedStack {
    pub name: StackName,
    /// Index of its repository in [`ServiceSettings::repositories`].
    pub repository: usize,
    pub window: Option<DeploymentWindow>,
    /// True if the stack is deployed again when the Swarm differs from its commit.
    pub heal: bool,
}

impl ServiceSettings {
    /// The stack of this name.
    pub(crate) fn stack(&self, name: &str) -> Option<&ServedStack> {
        self.stacks.iter().find(|stack| stack.name.as_str() == name)
    }

    /// The stacks that come from the repository with this index.
    pub(crate) fn stacks_of(&self, repository: usize) -> impl Iterator<Item = &ServedStack> {
        let stacks = self.stacks.iter();
        stacks.filter(move |stack| stack.repository == repository)
    }
}

impl ServedRepository {
    /// True if `full_name` is a name of this repository at its forge.
    pub(crate) fn is_named(&self, full_name: &str) -> bool {
        let mut names = self.full_names.iter();
        names.any(|name| name.eq_ignore_ascii_case(full_name))
    }
}
