//! What a deployment needs of a stack besides its objects, and where the docker client's words about it lead.

mod env_files;
mod external_networks;
mod own_deployment;
mod refusal_place;
mod variables;

pub(crate) use env_files::EnvFile;
pub(crate) use external_networks::ExternalNetwork;
pub(crate) use own_deployment::OwnDeployment;
