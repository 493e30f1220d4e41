//! Finds entries of one stack whose variables or names collide.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::stack::desired::StackObject;
use crate::stack::error::StackError;

/// The errors for variables that stand for two different contents, and for names that two different objects would have.
pub(crate) fn collisions(objects: &[StackObject]) -> Vec<StackError> {
    let mut found = Vec::new();
    let mut variables: HashMap<&str, &StackObject> = HashMap::new();
    let mut names = HashMap::new();
    for object in objects {
        if object.is_named_by_variable {
            let first = *variables.entry(&object.variable).or_insert(object);
            if first.version != object.version {
                found.push(colliding_variables(object, first));
            }
        }
        match names.entry((object.kind, &object.name)) {
            Entry::Vacant(vacant) => {
                vacant.insert(object);
            }
            Entry::Occupied(first) if first.get().is_same_object(object) => {}
            Entry::Occupied(first) => {
                found.push(StackError::CollidingNames {
                    name: object.name.clone(),
                    entry: Box::new(object.entry_place()),
                    other: Box::new(first.get().entry_place()),
                });
            }
        }
    }
    found
}

fn colliding_variables(object: &StackObject, first: &StackObject) -> StackError {
    StackError::CollidingVariables {
        variable: object.variable.clone(),
        entry: Box::new(object.entry_place()),
        file: object.origin.path.clone(),
        other: Box::new(first.entry_place()),
        other_file: first.origin.path.clone(),
    }
}
