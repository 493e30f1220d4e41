//! The variables of a stack's files, for one's own `docker stack deploy`.

use serde::Serialize;

use super::compose::is_variable_name;
use super::load::Stack;

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
    /// The variables of the managed files, in the order of the stack file. Left out are those that no `name:` uses and
    /// that would be ambiguous, or that no shell could set.
    pub fn variables(&self) -> Vec<Variable> {
        let all = || self.desired.objects.iter().zip(&self.made_from);
        let mut variables: Vec<Variable> = Vec::new();
        for (object, from) in all() {
            let of_same_name = || all().filter(|(_, other)| other.variable == from.variable);
            let used = of_same_name().any(|(_, other)| other.variable_used);
            let ambiguous = of_same_name().any(|(other, _)| other.version != object.version);
            // Where a name uses it, its own file decides.
            let counts = from.variable_used || (!used && !ambiguous);
            let known = variables.iter().any(|known| known.name == from.variable);
            if counts && !known && is_variable_name(&from.variable) {
                variables.push(Variable {
                    name: from.variable.clone(),
                    value: object.version.to_string(),
                    path: object.origin.path.clone(),
                });
            }
        }
        variables
    }
}
