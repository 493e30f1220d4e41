//! Whose an object is: a version of which entry of a stack.

use crate::stack::{DesiredStack, ObjectKind};
use crate::swarm::observed::inventory::SwarmObject;

/// What a stack has to do with an object in the Swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribution<'a> {
    /// It is a version of the entry with this key, which may have left the stack file meanwhile.
    Entry(&'a str),
    /// It belongs to the stack, but nobody can tell which entry it is a version of.
    Foreign,
    /// It is another stack's or nobody's.
    Elsewhere,
}

/// Attributes `object` by its labels; one of the stack's namespace that has none of ours, as `docker stack deploy`
/// makes and leaves them, by its name.
pub(crate) fn attribute<'a>(stack: &'a DesiredStack, object: &'a SwarmObject) -> Attribution<'a> {
    if !object.labels.in_stack(&stack.name) {
        return Attribution::Elsewhere;
    }
    if let Some(key) = object.labels.key() {
        return Attribution::Entry(key);
    }
    let fits = stack.objects.iter().find(|entry| {
        entry.kind == object.kind && entry.pattern.version_in(&object.name).is_some()
    });
    match fits {
        Some(entry) => Attribution::Entry(&entry.entry),
        None => Attribution::Foreign,
    }
}

/// True where `object` is a version of the entry of this kind and key.
pub(crate) fn is_version_of(
    stack: &DesiredStack,
    kind: ObjectKind,
    key: &str,
    object: &SwarmObject,
) -> bool {
    object.kind == kind && attribute(stack, object) == Attribution::Entry(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;

    #[test]
    fn labels_first_then_the_name_in_the_namespace() {
        let stack = examples::stack("web", [examples::secret("token", 1)]);
        let mut object = examples::held("web", &examples::secret("token", 2), 0);
        assert_eq!(attribute(&stack, &object), Attribution::Entry("token"));
        object.labels = examples::namespace("web");
        assert_eq!(attribute(&stack, &object), Attribution::Entry("token"));
        object.kind = ObjectKind::Config;
        assert_eq!(attribute(&stack, &object), Attribution::Foreign);
        object.kind = ObjectKind::Secret;
        object.name = "web_token-by-hand".to_owned();
        assert_eq!(attribute(&stack, &object), Attribution::Foreign);
        object.labels = examples::namespace("shop");
        assert_eq!(attribute(&stack, &object), Attribution::Elsewhere);
        let vanished = examples::held("web", &examples::secret("old", 2), 0);
        assert_eq!(attribute(&stack, &vanished), Attribution::Entry("old"));
    }
}
