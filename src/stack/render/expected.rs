//! The change that rendering must make in one stack file.

use std::collections::HashMap;

use crate::stack::names::ObjectKind;

/// How the entries and services of one file must change.
#[derive(Default)]
pub(crate) struct Expected<'a> {
    /// The managed entries, with their names in the Swarm.
    pub(crate) names: HashMap<(ObjectKind, &'a str), &'a str>,
    /// True if the name must be written inside `external:`, as old versions of the format require.
    pub(crate) nested_name: bool,
    /// The services whose `env_file`s are handed over, with the new path of each file in order. `None` for a file that keeps
    /// its path.
    pub(crate) env_files: HashMap<&'a str, Vec<Option<String>>>,
}

impl<'a> Expected<'a> {
    /// The name of a managed entry. `None` for any other entry.
    pub(crate) fn name(&self, kind: ObjectKind, key: &str) -> Option<&'a str> {
        self.names.get(&(kind, key)).copied()
    }
}
