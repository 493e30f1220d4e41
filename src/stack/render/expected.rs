//! The change that rendering one stack file is to make.

use std::collections::HashMap;

use crate::stack::names::ObjectKind;

/// The wanted change of the entries and services of one file.
#[derive(Default)]
pub(crate) struct Expected<'a> {
    /// The names in the Swarm of managed entries.
    pub(crate) names: HashMap<(ObjectKind, &'a str), &'a str>,
    /// True if the name stands within `external:`.
    pub(crate) nested_name: bool,
    /// Services whose files of variables are handed over, with the new path of each file in its order; none for a file that
    /// keeps its path.
    pub(crate) env_files: HashMap<&'a str, Vec<Option<String>>>,
}

impl<'a> Expected<'a> {
    /// The name of a managed entry; none for all others.
    pub(crate) fn name(&self, kind: ObjectKind, key: &str) -> Option<&'a str> {
        self.names.get(&(kind, key)).copied()
    }
}
