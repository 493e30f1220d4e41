//! Digests of everything a deployment depends on besides secrets and configs: equal digests mean equal services.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sha2::{Digest as _, Sha256};

use crate::stack::compose::{StackService, StackVariable};
use crate::stack::error::StackError;
use crate::stack::files::StackFile;
use crate::stack::loaded::Stack;
use crate::stack::names::hexadecimal;
use crate::stack::yaml::FlowWriter;

/// The input of one deployment besides secrets and configs. It reveals nothing that the services' specs in the Swarm do
/// not show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeploymentInput {
    /// The stack files and the `env_file`s: the digest or blob id of each, by path.
    pub files: BTreeMap<String, String>,
    /// One digest over the values of all variables in the stack files.
    pub variables: String,
}

impl Stack<'_> {
    /// The input of a deployment of this stack. Files that are encrypted in the work tree need no key.
    pub fn deployment_input(&self) -> Result<DeploymentInput, StackError> {
        let stack_files = self.files.iter();
        let stack_files = stack_files.map(|file| (file.path.clone(), digest_of_meaning(file)));
        let env_files = self.env_file_blobs()?;
        let variables = self.variables.files.iter();
        let variables = variables.map(|(path, id)| (path.clone(), id.clone()));
        Ok(DeploymentInput {
            files: stack_files.chain(env_files).chain(variables).collect(),
            variables: self.values.clone(),
        })
    }

    /// The names of the variables in the stack files that are read from the caller's environment, sorted.
    pub fn variable_names(&self) -> Vec<&str> {
        let variables = self.own_variables().into_iter();
        let names = variables.map(|variable| variable.name.as_str());
        names.filter(|name| !self.variables.has(name)).collect()
    }

    /// The variables in the stack files that a file of variables sets, with their values, for the docker client.
    pub fn expose_variables(&self) -> Vec<(&str, &str)> {
        let variables = self.own_variables().into_iter();
        let names = variables.map(|variable| variable.name.as_str());
        names
            .filter_map(|name| Some((name, self.variables.expose_value(name)?)))
            .collect()
    }

    /// The variables in the stack files that have secret values, each with the file that sets it.
    pub fn secret_variables(&self) -> Vec<(&str, &str)> {
        let variables = self.own_variables().into_iter();
        let names = variables.map(|variable| variable.name.as_str());
        names
            .filter_map(|name| Some((name, self.variables.secret_file_of(name)?)))
            .collect()
    }

    /// The paths of the files of variables, and the names of the services that use a variable from one of them.
    pub fn services_with_variables(&self) -> (Vec<&str>, Vec<String>) {
        let services = self.files.iter().flat_map(|file| &file.compose.services);
        let has_one = |service: &&StackService| {
            let mut names = service.variables.iter();
            names.any(|name| self.variables.has(name))
        };
        let services = services.filter(has_one);
        let names: BTreeSet<String> = services
            .map(|service| self.desired.name.service_name(&service.name))
            .collect();
        let files = self.variables.files.keys().map(String::as_str);
        (files.collect(), names.into_iter().collect())
    }

    /// The places and names of the variables that have no value, and no operator (such as a default) either.
    pub fn unset_variables(&self) -> Vec<(String, String)> {
        let own: HashSet<&str> = self.variable_names().into_iter().collect();
        let files = self.files.iter();
        let variables = files.flat_map(|file| {
            let variables = file.compose.variables.iter();
            variables.map(|variable| (&file.path, variable))
        });
        let unset = variables.filter(|(_, variable)| {
            !variable.is_set && !variable.has_default && own.contains(variable.name.as_str())
        });
        unset
            .map(|(path, variable)| (format!("{path}:{}", variable.line), variable.name.clone()))
            .collect()
    }

    /// The variables of the stack files, each once, sorted, without those for versions of files.
    fn own_variables(&self) -> Vec<&StackVariable> {
        let versions: HashSet<&str> = self
            .desired
            .objects
            .iter()
            .map(|object| object.variable.as_str())
            .collect();
        let variables = self.files.iter().flat_map(|file| &file.compose.variables);
        let mut own: Vec<&StackVariable> = variables
            .filter(|variable| !versions.contains(variable.name.as_str()))
            .collect();
        own.sort_by(|one, other| one.name.cmp(&other.name));
        own.dedup_by(|one, other| one.name == other.name);
        own
    }
}

/// The digest of a stack file without its comments and layout. If the file can't be written in flow style, the digest of its
/// whole text.
fn digest_of_meaning(file: &StackFile) -> String {
    let document = &file.compose.document;
    let meaning = FlowWriter::new(document).node(document.root());
    let text = meaning.as_deref().unwrap_or(&file.text);
    hexadecimal(&Sha256::digest(text))
}
