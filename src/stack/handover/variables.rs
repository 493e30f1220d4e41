//! The variables of a stack's files, for one's own `docker stack deploy`.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::stack::compose::is_variable_name;
use crate::stack::desired::steers_programs;
use crate::stack::loaded::Stack;
use crate::stack::names::Version;

/// A variable and the version it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name, made from the file's.
    pub name: String,
    /// The version of the file.
    pub value: String,
    /// The file, from the top of the repository.
    pub path: String,
}

impl Stack<'_> {
    /// The variables of the managed files, in the order of the stack file. Left out are variables that no shell could set,
    /// those that steer programs, and ambiguous ones that no `name:` uses.
    pub fn variables(&self) -> Vec<Variable> {
        let mut named: HashSet<&str> = HashSet::new();
        let mut versions: HashMap<&str, HashSet<&Version>> = HashMap::new();
        for object in &self.desired.objects {
            let of_variable = versions.entry(&object.variable).or_default();
            of_variable.insert(&object.version);
            if object.is_named_by_variable {
                named.insert(&object.variable);
            }
        }
        let mut known = HashSet::new();
        let mut variables = Vec::new();
        for object in &self.desired.objects {
            let variable = object.variable.as_str();
            // If a `name:` uses the variable, the file of that entry decides.
            let counts = object.is_named_by_variable
                || (!named.contains(variable) && versions[variable].len() == 1);
            let may_be_set = is_variable_name(variable) && !steers_programs(variable);
            if counts && may_be_set && known.insert(variable) {
                variables.push(Variable {
                    name: object.variable.clone(),
                    value: object.version.to_string(),
                    path: object.origin.path.clone(),
                });
            }
        }
        variables
    }
}
