//! The record of a stack's last deployment: a config in the Swarm whose labels contain it.

use std::collections::BTreeMap;

use super::labels::{Labels, NAMESPACE};
use super::object::SwarmObject;
use crate::stack::{DeploymentInput, ObjectKind, StackName};

const STACK: &str = "hs-secrets.deployed";
const COMMIT: &str = "hs-secrets.deployed.commit";
const STATE: &str = "hs-secrets.deployed.state";
const CONVERGED: &str = "hs-secrets.deployed.converged";
const VARIABLES: &str = "hs-secrets.deployed.variables";
/// The prefix of labels that contain the path of a file.
const FILE: &str = "hs-secrets.deployed.file:";
/// The value of [`STATE`] once all services have converged.
const HAS_CONVERGED: &str = "converged";
/// The value of [`STATE`] before the services have converged.
const HANDED_OVER: &str = "handed over";

/// The input of a stack's last deployment, and its result.
///
/// The config has the stack's namespace label, so that `docker stack rm` removes it with everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentRecord {
    /// The stack.
    pub stack: StackName,
    /// The commit that was deployed, marked as dirty if files differed from it. `None` before the first commit.
    pub commit: Option<String>,
    /// True if all services have converged.
    pub has_converged: bool,
    /// The last commit with which all services converged.
    pub last_converged: Option<String>,
    /// The files and variables that the deployment was made from, besides secrets and configs.
    pub input: DeploymentInput,
}

impl DeploymentRecord {
    /// The name of the config.
    pub(crate) fn name(&self) -> String {
        self.stack.own_config("deployed")
    }

    /// The labels of the config.
    pub(crate) fn labels(&self) -> Labels {
        let stack = self.stack.to_string();
        let state = if self.has_converged {
            HAS_CONVERGED
        } else {
            HANDED_OVER
        };
        let labels = [
            (NAMESPACE, Some(stack.clone())),
            (STACK, Some(stack)),
            (STATE, Some(state.to_owned())),
            (COMMIT, self.commit.clone()),
            (CONVERGED, self.last_converged.clone()),
            (VARIABLES, Some(self.input.variables.clone())),
        ];
        let labels = labels.into_iter();
        let mut labels: BTreeMap<String, String> = labels
            .filter_map(|(label, value)| Some((label.to_owned(), value?)))
            .collect();
        let files = self.input.files.iter();
        labels.extend(files.map(|(path, digest)| (format!("{FILE}{path}"), digest.clone())));
        labels.into()
    }

    /// True if these are the labels of a record.
    pub(crate) fn is_in(labels: &Labels) -> bool {
        labels.value(STACK).is_some()
    }

    /// Reads the record in a config's labels. `None` if the config is not a record.
    pub(crate) fn read(config: &SwarmObject) -> Option<Self> {
        let labels = &config.labels;
        if config.kind != ObjectKind::Config {
            return None;
        }
        let text = |label: &str| labels.value(label).map(str::to_owned);
        let files = labels.iter().filter_map(|(label, digest)| {
            let path = label.strip_prefix(FILE)?;
            Some((path.to_owned(), digest.clone()))
        });
        Some(Self {
            stack: StackName::parse(labels.value(STACK)?).ok()?,
            commit: text(COMMIT),
            has_converged: labels.value(STATE) == Some(HAS_CONVERGED),
            last_converged: text(CONVERGED),
            input: DeploymentInput {
                files: files.collect(),
                variables: text(VARIABLES)?,
            },
        })
    }

    /// The commit without the dirty mark.
    pub fn commit_id(&self) -> Option<&str> {
        Some(Labels::commit_in(self.commit.as_deref()?).commit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = DeploymentRecord {
            stack: examples::stack_name(&"long".repeat(12)),
            commit: Some(format!("{}-dirty", examples::commit(1))),
            has_converged: false,
            last_converged: None,
            input: DeploymentInput {
                files: BTreeMap::from([("web/stack.yml".to_owned(), "abc".to_owned())]),
                variables: "def".to_owned(),
            },
        };
        let config = |kind| SwarmObject {
            id: "id".to_owned(),
            kind,
            name: record.name(),
            labels: record.labels(),
            created_at: examples::now(),
            template_driver: None,
            driver: None,
        };
        let read = DeploymentRecord::read(&config(ObjectKind::Config));
        assert_eq!(read.as_ref(), Some(&record));
        assert_eq!(record.commit_id(), Some(&*examples::commit(1)));
        assert_eq!(DeploymentRecord::read(&config(ObjectKind::Secret)), None);
    }
}
