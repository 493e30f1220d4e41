//! The changes that a deployment makes in a stack's services besides their secrets and configs.

use crate::stack::{DeploymentInput, DesiredStack, Stack, StackError};
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::record::DeploymentRecord;

/// The differences between a deployment and the last one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DeploymentDifference {
    /// Names of services that are not in the Swarm.
    pub new_services: Vec<String>,
    /// Names of services that are in the Swarm and not in the stack's files. They stay, unless docker is told to prune.
    pub surplus_services: Vec<String>,
    /// Names of jobs, which run again with each deployment.
    pub jobs: Vec<String>,
    /// Paths of stack files and `env_file`s that have changed, are new, or are no longer used.
    pub changed_files: Vec<String>,
    /// Names of the services that may change because a file of variables has changed.
    pub services_with_variables: Vec<String>,
    /// Names of the variables in the stack's files, if the value of one of them has changed.
    pub changed_variables: Vec<String>,
    /// The last deployment; none if the Swarm has no record of it.
    pub last: Option<DeploymentRecord>,
}

impl DeploymentDifference {
    /// Compares the stack with what runs and with what was deployed last. Needs no key.
    pub(crate) fn of(stack: &Stack<'_>, index: &InventoryIndex<'_>) -> Result<Self, StackError> {
        let names = stack.variable_names();
        let names = names.into_iter().map(str::to_owned).collect();
        let mut found = difference(stack.desired(), &stack.deployment_input()?, names, index);
        let (files, services) = stack.services_with_variables();
        let changed = |file: &&str| found.changed_files.iter().any(|path| path == file);
        if files.iter().any(changed) {
            found.services_with_variables = services;
        }
        Ok(found)
    }

    /// The files and variables that have changed since the last deployment, in words.
    pub(crate) fn changed_input(&self) -> Vec<String> {
        let mut changed = self.changed_files.clone();
        let variables = self.changed_variables.iter();
        let variables: Vec<String> = variables.map(|name| format!("${name}")).collect();
        match variables.as_slice() {
            [] => {}
            [one] => changed.push(format!("the value of {one}")),
            several => changed.push(format!("a value among {}", several.join(", "))),
        }
        changed
    }

    /// True if a deployment would change nothing that the record tells of.
    pub(crate) fn is_none(&self) -> bool {
        self.new_services.is_empty() && self.is_input_as_before() && !self.is_unfinished()
    }

    /// True if stack files, `env_file`s and variables are those of the last deployment, or if there is no record of it.
    pub(crate) fn is_input_as_before(&self) -> bool {
        self.changed_files.is_empty() && self.changed_variables.is_empty()
    }

    /// True if the docker client has taken these files before.
    pub(crate) fn is_accepted_by_docker(&self) -> bool {
        self.last.is_some() && self.is_input_as_before()
    }

    /// True if not all services converged after the last deployment.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.last.as_ref().is_some_and(|last| !last.has_converged)
    }
}

fn difference(
    desired: &DesiredStack,
    input: &DeploymentInput,
    variables: Vec<String>,
    index: &InventoryIndex<'_>,
) -> DeploymentDifference {
    let mut found = DeploymentDifference::default();
    for service in &desired.services {
        match index.service(&desired.name, &service.name) {
            None => found
                .new_services
                .push(desired.name.service_name(&service.name)),
            Some(there) if there.is_job => found.jobs.push(there.name.clone()),
            Some(_) => {}
        }
    }
    let wanted = |name: &str| {
        let mut services = desired.services.iter();
        services.any(|service| desired.name.service_name(&service.name) == name)
    };
    let there = index.services_of(&desired.name);
    found.surplus_services = there
        .map(|service| &service.name)
        .filter(|name| !wanted(name))
        .cloned()
        .collect();
    if let Some(last) = index.record(&desired.name) {
        let before = &last.input;
        let changed = input
            .files
            .iter()
            .filter(|(path, digest)| before.files.get(path.as_str()) != Some(digest));
        let gone = before.files.iter();
        let gone = gone.filter(|(path, _)| !input.files.contains_key(path.as_str()));
        found.changed_files = changed.chain(gone).map(|(path, _)| path.clone()).collect();
        if before.variables != input.variables {
            // If there are no variables any more, a stack file has changed as well.
            found.changed_variables = variables;
        }
        found.last = Some(last.clone());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::DesiredService;
    use crate::swarm::examples;
    use crate::swarm::observed::inventory::{Inventory, SwarmService};

    fn service(name: &str) -> SwarmService {
        SwarmService {
            name: name.to_owned(),
            stack: Some("web".to_owned()),
            ..SwarmService::default()
        }
    }

    fn input(files: &[(&str, &str)], variables: &str) -> DeploymentInput {
        let files = files.iter();
        DeploymentInput {
            files: files
                .map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned()))
                .collect(),
            variables: variables.to_owned(),
        }
    }

    fn compared(inventory: &Inventory, now: &DeploymentInput) -> DeploymentDifference {
        let mut desired = examples::stack("web", []);
        desired.services = ["app", "job"]
            .map(|name| DesiredService {
                name: name.to_owned(),
                uses: Vec::new(),
            })
            .to_vec();
        difference(&desired, now, vec!["TAG".to_owned()], &inventory.index())
    }

    #[test]
    fn a_stack_that_is_not_there_is_new() {
        let found = compared(&Inventory::default(), &input(&[], ""));
        assert_eq!(found.new_services, ["web_app", "web_job"]);
        assert!(!found.is_none());
    }

    #[test]
    fn only_a_record_tells_that_files_or_variables_have_changed() {
        let mut job = service("web_job");
        job.is_job = true;
        let mut inventory = Inventory {
            services: vec![service("web_app"), job, service("web_old")],
            ..Inventory::default()
        };
        let before = input(&[("s.yml", "1"), ("a.env", "1"), ("b.env", "1")], "v");
        let unknown = compared(&inventory, &before);
        assert!(unknown.is_none() && unknown.last.is_none());
        assert_eq!(unknown.jobs, ["web_job"]);
        assert_eq!(unknown.surplus_services, ["web_old"]);
        inventory.records = vec![DeploymentRecord {
            stack: examples::stack_name("web"),
            commit: None,
            has_converged: true,
            last_converged: None,
            input: before.clone(),
        }];
        assert!(compared(&inventory, &before).is_none());
        let now = input(&[("s.yml", "1"), ("a.env", "2"), ("c.env", "1")], "w");
        let found = compared(&inventory, &now);
        assert_eq!(found.changed_files, ["a.env", "c.env", "b.env"]);
        assert_eq!(found.changed_variables, ["TAG"]);
        inventory.records[0].has_converged = false;
        assert!(!compared(&inventory, &before).is_none());
    }
}
