//! A stack as a deployment needs it besides its objects, and the places that the docker client's words are about.

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
