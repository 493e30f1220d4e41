//! The service's way to the Swarm.

use crate::stack::{Accepted, StackName, StackQuery};
use crate::swarm::Endpoint;

/// Gives the value of a variable.
type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// How the service gets to the Swarm.
pub(crate) struct DockerAccess {
    pub endpoint: Endpoint,
    /// Environment variables that the docker client needs to find the daemon, too.
    pub client_environment: Vec<(String, Option<String>)>,
    /// A variable of the service's own environment, for the variables in stack files.
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
