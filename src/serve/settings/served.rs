//! The settings of the service, as they are used.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::addresses::{BearerToken, WebAddress};
use crate::serve::deliveries::{HookSecret, HookTrust, PushedRepository};
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
    /// The updater that deliveries are handed on to; `None` if this is one.
    pub forward: Option<Arc<WebAddress>>,
    /// The folder of clones and runs.
    pub state: PathBuf,
    /// The token of those who may ask for a deployment; none if nobody may.
    pub token: Option<Mutex<HookSecret>>,
    /// How long a run may take.
    pub timeout: Duration,
    /// How often the remotes are looked at; `None` if they are not.
    pub poll: Option<Duration>,
    /// How often the Swarm is compared with what was deployed; `None` if it is not.
    pub drift: Option<Duration>,
    /// The docker client's folder of settings, with the logins of registries.
    pub docker_config: Option<PathBuf>,
    /// Further arguments for `docker stack deploy`.
    pub docker_arguments: Vec<String>,
    pub repositories: Vec<ServedRepository>,
    pub stacks: Vec<ServedStack>,
    /// Who is told how runs end; `None` if nobody is.
    pub notify: Option<Arc<NotifySettings>>,
}

/// A certificate in PEM form, with those that lead to its authority, and its key.
#[derive(Debug, Clone)]
pub(crate) struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Who is told how runs end, and when.
pub(crate) struct NotifySettings {
    pub address: WebAddress,
    pub format: AnnouncementFormat,
    pub occasions: Vec<Occasion>,
    pub token: Option<BearerToken>,
    /// The room at a Matrix server.
    pub room: Option<String>,
}

/// A repository that stacks come from.
pub(crate) struct ServedRepository {
    pub name: String,
    pub url: String,
    pub branch: String,
    /// The names that forges have for it.
    pub full_names: Vec<String>,
    /// The file with its key.
    pub key_file: Option<PathBuf>,
    /// The proof that a delivery is its forge's.
    pub trust: Mutex<HookTrust>,
    pub access: GitAccess,
}

/// How git gets to a remote.
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
    /// The place of its repository in the list.
    pub repository: usize,
    pub window: Option<DeploymentWindow>,
    /// True if it is deployed again when the Swarm is not as its commit says.
    pub heal: bool,
}

impl ServiceSettings {
    /// The stack of this name.
    pub(crate) fn stack(&self, name: &str) -> Option<&ServedStack> {
        self.stacks.iter().find(|stack| stack.name.as_str() == name)
    }

    /// The stacks that come from a repository, which is given by its place in the list.
    pub(crate) fn stacks_of(&self, repository: usize) -> impl Iterator<Item = &ServedStack> {
        let stacks = self.stacks.iter();
        stacks.filter(move |stack| stack.repository == repository)
    }
}

impl ServedRepository {
    /// True if a forge means this repository.
    pub(crate) fn is_named(&self, pushed: &PushedRepository) -> bool {
        let mut names = self.full_names.iter();
        names.any(|name| name.eq_ignore_ascii_case(&pushed.full_name))
    }
}
