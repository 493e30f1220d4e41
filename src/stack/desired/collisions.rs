//! Finds entries of one stack whose variables or names collide.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::stack::desired::StackObject;
use crate::stack::error::StackError;

/// Refuses a variable that stands for two contents, and a name that two different objects would have.
pub(crate) fn check_collisions(objects: &[StackObject]) -> Result<(), StackError> {
    let mut variables: HashMap<&str, &StackObject> = HashMap::new();
    let mut names = HashMap::new();
    for object in objects {
        if object.is_named_by_variable {
            let first = *variables.entry(&object.variable).or_insert(object);
            if first.version != object.version {
                return Err(colliding_variables(object, first));
            }
        }
        match names.entry((object.kind, &object.name)) {
            Entry::Vacant(vacant) => {
                vacant.insert(object);
            }
            Entry::Occupied(first) if first.get().is_same_object(object) => {}
            Entry::Occupied(first) => {
                return Err(StackError::CollidingNames {
                    name: object.name.clone(),
                    entry: Box::new(object.entry_place()),
                    other: Box::new(first.get().entry_place()),
                });
            }
        }
    }
    Ok(())
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
