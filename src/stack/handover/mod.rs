//! The parts of a stack that a deployment needs besides its objects, and the lines of stack files that the docker client's messages
//! refer to.

mod deployment_input;
mod env_files;
mod external_networks;
mod left_to_docker;
mod own_deployment;
mod refusal_place;
mod service_fields;
mod uncommitted;
mod variables;

pub(crate) use deployment_input::DeploymentInput;
pub(crate) use env_files::EnvFile;
pub(crate) use external_networks::ExternalNetwork;
pub(crate) use own_deployment::OwnDeployment;
