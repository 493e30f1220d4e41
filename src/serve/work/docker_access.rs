//! The service's access to the Swarm.

use crate::stack::{Accepted, StackName, StackQuery};
use crate::swarm::Endpoint;

/// Returns the value of an environment variable.
type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The endpoint of the Swarm, and the environment for talking to it.
pub(crate) struct DockerAccess {
    pub endpoint: Endpoint,
    /// Environment variables with which the docker client finds the daemon.
    pub client_environment: Vec<(String, Option<String>)>,
    /// Looks up a variable in the service's own environment, for variables in stack files.
    pub environment: Box<Lookup>,
}

impl DockerAccess {
    /// The query for a stack at a commit.
    pub(super) fn query(&self, stack: &StackName, commit: &str) -> StackQuery<'_> {
        StackQuery {
            name: stack.clone(),
            files: Vec::new(),
            revision: Some(commit.to_owned()),
            accepted: Accepted::default(),
            environment: &*self.environment,
        }
    }
}
