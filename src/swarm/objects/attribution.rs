//! Finds the entry of a stack that an object is a version of.

use std::collections::{BTreeSet, HashMap};

use crate::stack::{DesiredStack, ObjectKind, StackObject};
use crate::swarm::observed::object::SwarmObject;

/// The relation of a stack to an object in the Swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribution<'a> {
    /// The object is a version of the entry with this key. The entry may no longer be in the stack file.
    Entry(&'a str),
    /// The object belongs to the stack, but it is unknown which entry it is a version of.
    Foreign,
    /// The object belongs to another stack, or to no stack.
    Elsewhere,
}

/// A stack's entries, by key and by the prefix of their versions' names.
pub(crate) struct StackEntries<'a> {
    stack: &'a DesiredStack,
    by_key: HashMap<(ObjectKind, &'a str), usize>,
    by_prefix: HashMap<(ObjectKind, &'a str), Vec<(usize, &'a StackObject)>>,
}

impl<'a> StackEntries<'a> {
    pub(crate) fn of(stack: &'a DesiredStack) -> Self {
        let mut by_prefix: HashMap<_, Vec<_>> = HashMap::new();
        for (position, entry) in stack.objects.iter().enumerate() {
            let key = (entry.kind, entry.pattern.prefix.as_str());
            by_prefix.entry(key).or_default().push((position, entry));
        }
        let entries = stack.objects.iter().enumerate();
        let by_key = entries
            .map(|(position, entry)| ((entry.kind, entry.entry.as_str()), position))
            .collect();
        Self {
            stack,
            by_key,
            by_prefix,
        }
    }

    /// The entries of these kinds and keys, each once, in the order of the stack file.
    pub(crate) fn in_order(&self, keys: &[(ObjectKind, String)]) -> Vec<&'a StackObject> {
        let positions = keys
            .iter()
            .filter_map(|(kind, key)| self.by_key.get(&(*kind, key.as_str())));
        let positions: BTreeSet<usize> = positions.copied().collect();
        let entries = positions.into_iter();
        entries
            .map(|position| &self.stack.objects[position])
            .collect()
    }

    /// Attributes `object` by its labels. An object that has the stack's namespace label but no labels of this program, as
    /// `docker stack deploy` leaves it, is attributed by its name.
    pub(crate) fn attribute<'object>(&self, object: &'object SwarmObject) -> Attribution<'object>
    where
        'a: 'object,
    {
        if !object.labels.in_stack(&self.stack.name) {
            return Attribution::Elsewhere;
        }
        if let Some(key) = object.labels.key() {
            return Attribution::Entry(key);
        }
        match self.entry_of_name(object) {
            Some(entry) => Attribution::Entry(&entry.entry),
            None => Attribution::Foreign,
        }
    }

    /// The entry of an object that the stack wants or its services use. It may carry another stack's labels, if both stacks
    /// use the same file; then it is attributed by its name.
    pub(crate) fn attribute_used<'object>(
        &self,
        object: &'object SwarmObject,
    ) -> Option<&'object str>
    where
        'a: 'object,
    {
        match self.attribute(object) {
            Attribution::Entry(key) => Some(key),
            Attribution::Foreign => None,
            Attribution::Elsewhere => self.entry_of_name(object).map(|entry| &*entry.entry),
        }
    }

    /// The first entry of the stack file whose name pattern fits the object's name.
    fn entry_of_name(&self, object: &SwarmObject) -> Option<&'a StackObject> {
        let name = object.name.as_str();
        let prefixes = (0..=name.len()).filter_map(|end| name.get(..end));
        let entries = prefixes
            .filter_map(|prefix| self.by_prefix.get(&(object.kind, prefix)))
            .flatten();
        let fitting = entries.filter(|(_, entry)| entry.pattern.version_in(name).is_some());
        let first = fitting.min_by_key(|(position, _)| *position);
        first.map(|(_, entry)| *entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;

    #[test]
    fn labels_first_then_the_name_in_the_namespace() {
        let stack = examples::stack("web", [examples::secret("token", 1)]);
        let entries = StackEntries::of(&stack);
        let mut object = examples::held("web", &examples::secret("token", 2), 0);
        assert_eq!(entries.attribute(&object), Attribution::Entry("token"));
        object.labels = examples::namespace("web");
        assert_eq!(entries.attribute(&object), Attribution::Entry("token"));
        object.kind = ObjectKind::Config;
        assert_eq!(entries.attribute(&object), Attribution::Foreign);
        object.kind = ObjectKind::Secret;
        object.name = "web_token-by-hand".to_owned();
        assert_eq!(entries.attribute(&object), Attribution::Foreign);
        object.labels = examples::namespace("shop");
        assert_eq!(entries.attribute(&object), Attribution::Elsewhere);
        let vanished = examples::held("web", &examples::secret("old", 2), 0);
        assert_eq!(entries.attribute(&vanished), Attribution::Entry("old"));
    }
}
