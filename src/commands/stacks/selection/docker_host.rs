//! The options that choose the Docker daemon.

use clap::Args;

use crate::commands::Context;
use crate::failure::Failure;
use crate::swarm::{DockerEngine, Endpoint};

/// The Docker daemon to connect to.
#[derive(Args)]
pub(crate) struct DockerHost {
    /// Docker daemon to connect to (unix:///path, tcp://host:port, ssh://user@host), instead of DOCKER_HOST
    #[arg(short = 'H', long, value_name = "ADDRESS")]
    host: Option<String>,
    /// The docker client's context to use, instead of DOCKER_CONTEXT or the current one
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    context: Option<String>,
}

impl DockerHost {
    pub(crate) fn connect(&self, context: &Context) -> Result<DockerEngine, Failure> {
        let endpoint = self.endpoint()?;
        let terminal = context.terminal.clone();
        Ok(DockerEngine::connect(&endpoint, move |why| {
            terminal.info(why);
        })?)
    }

    /// The address of the daemon.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, Failure> {
        let environment = |name: &str| std::env::var(name).ok();
        let (host, context) = (self.host.as_deref(), self.context.as_deref());
        Ok(Endpoint::find(host, context, &environment)?)
    }

    /// The environment variables with which the docker client finds the same daemon.
    pub(crate) fn client_environment(&self) -> Vec<(String, Option<String>)> {
        let (host, context) = (self.host.clone(), self.context.clone());
        if host.is_none() && context.is_none() {
            return Vec::new();
        }
        vec![
            ("DOCKER_HOST".to_owned(), host),
            ("DOCKER_CONTEXT".to_owned(), context),
        ]
    }
}
