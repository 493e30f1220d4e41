//! The variables for versions in a stack's files, for users who run `docker stack deploy` themselves.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::stack::compose::is_variable_name;
use crate::stack::desired::steers_programs;
use crate::stack::loaded::Stack;
use crate::stack::names::Version;

/// A variable and its value, the version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name, made from the name of the file.
    pub name: String,
    /// The version of the file.
    pub value: String,
    /// The file, from the top of the repository.
    pub path: String,
}

impl Stack<'_> {
    /// The variables of the managed files, in the order of the stack file. Skipped are variables that a shell can't set,
    /// those that control programs (such as `PATH`), and those that stand for several versions while no `name:` uses them.
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
            // If a `name:` contains the variable, the file of that entry gives its value.
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
