//! The labels of an object, which contain its stack and the file that it was made from.

use std::collections::BTreeMap;

use crate::stack::{DIRTY, StackName, StackObject};

/// Docker's own label for the stack of an object. `docker stack rm` and dashboards read it (`opts/convert/compose.go` of the
/// docker client).
pub(super) const NAMESPACE: &str = "com.docker.stack.namespace";
/// The prefix of all labels that only this program sets.
const OURS: &str = "hs-secrets.";
const KEY: &str = "hs-secrets.key";
const PATH: &str = "hs-secrets.path";
const BLOB: &str = "hs-secrets.blob";
const COMMIT: &str = "hs-secrets.commit";
/// The label of networks that this program creates. Its value is `true`.
const NETWORK: &str = "hs-secrets.network";

/// The labels of an object in the Swarm.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels(BTreeMap<String, String>);

/// The commit that an object was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeAt<'labels> {
    /// The commit's id.
    pub commit: &'labels str,
    /// True if the file had uncommitted changes.
    pub dirty: bool,
}

impl MadeAt<'_> {
    /// The first digits of the commit's id, with `-dirty` if the file had uncommitted changes.
    pub fn shown(&self) -> String {
        let Self { commit, dirty } = self;
        let mark = if *dirty { DIRTY } else { "" };
        format!("{}{mark}", commit.get(..7).unwrap_or(commit))
    }
}

impl Labels {
    /// The labels of a new object of `stack`: the labels of its entry, overridden by those of this program.
    pub fn of_new(stack: &StackName, object: &StackObject) -> Self {
        let origin = &object.origin;
        let ours = [
            (NAMESPACE, Some(stack.as_str())),
            (KEY, Some(object.entry.as_str())),
            (PATH, Some(origin.path.as_str())),
            (BLOB, Some(origin.blob.as_str())),
            (COMMIT, origin.commit.as_deref()),
        ];
        let mut labels = object.labels.clone();
        for (label, value) in ours {
            // If the entry has a label with one of these names, its value must not be used: it would be wrong for this
            // object.
            labels.remove(label);
            labels.extend(value.map(|value| (label.to_owned(), value.to_owned())));
        }
        Self(labels)
    }

    /// The labels of an external network that this program creates. There is no namespace label, because `docker stack rm`
    /// of one stack must not remove a network that other stacks use.
    pub fn of_new_network() -> Self {
        Self(BTreeMap::from([(NETWORK.to_owned(), "true".to_owned())]))
    }

    /// True for the labels of a network that this program has created.
    pub fn are_of_our_network(&self) -> bool {
        self.value(NETWORK) == Some("true")
    }

    /// True if the namespace label has the name of `stack`.
    pub fn in_stack(&self, stack: &StackName) -> bool {
        self.stack() == Some(stack.as_str())
    }

    /// The stack in the namespace label.
    pub fn stack(&self) -> Option<&str> {
        self.value(NAMESPACE)
    }

    /// True if there is a label that only this program sets.
    pub fn are_of_this_program(&self) -> bool {
        self.0.keys().any(|label| label.starts_with(OURS))
    }

    /// The key of the entry in the stack file. `None` if this program did not create the object.
    pub fn key(&self) -> Option<&str> {
        self.value(KEY)
    }

    /// The path of the file that the object was made from.
    pub fn path(&self) -> Option<&str> {
        self.value(PATH)
    }

    /// The whole blob id of that file.
    pub fn blob(&self) -> Option<&str> {
        self.value(BLOB)
    }

    /// The commit that the object was made from.
    pub fn made_at(&self) -> Option<MadeAt<'_>> {
        Some(Self::commit_in(self.value(COMMIT)?))
    }

    /// Parses the value of a commit label.
    pub fn commit_in(value: &str) -> MadeAt<'_> {
        let unmarked = value.strip_suffix(DIRTY);
        MadeAt {
            commit: unmarked.unwrap_or(value),
            dirty: unmarked.is_some(),
        }
    }

    /// True if the user's own labels on the object are exactly the labels of its entry. Labels that docker or this program
    /// sets are ignored.
    pub fn user_labels_equal(&self, entry: &BTreeMap<String, String>) -> bool {
        let is_own = |(label, _): &(&String, &String)| {
            label.as_str() != NAMESPACE && !label.starts_with(OURS)
        };
        let there = self.0.iter().filter(is_own);
        there.eq(entry.iter().filter(is_own))
    }

    /// All labels.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// The value of one label.
    pub fn value(&self, label: &str) -> Option<&str> {
        self.0.get(label).map(String::as_str)
    }
}

impl From<BTreeMap<String, String>> for Labels {
    fn from(labels: BTreeMap<String, String>) -> Self {
        Self(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;

    #[test]
    fn ours_win_over_the_entry_s_own() {
        let stack = examples::stack_name("web");
        let mut object = examples::secret("token", 7);
        object.labels = BTreeMap::from([
            ("team".to_owned(), "edge".to_owned()),
            (NAMESPACE.to_owned(), "other".to_owned()),
            (COMMIT.to_owned(), "forged".to_owned()),
        ]);
        object.origin.commit = None;
        let labels = Labels::of_new(&stack, &object);
        assert!(labels.in_stack(&stack));
        assert_eq!(labels.key(), Some("token"));
        assert_eq!(labels.path(), Some("secrets/token"));
        assert_eq!(labels.blob(), Some(object.origin.blob.as_str()));
        assert_eq!(labels.made_at(), None);
        assert_eq!(labels.value("team"), Some("edge"));
    }

    #[test]
    fn a_network_of_ours_belongs_to_no_stack() {
        let labels = Labels::of_new_network();
        assert!(labels.are_of_our_network());
        assert_eq!(labels.stack(), None);
        assert!(!examples::namespace("web").are_of_our_network());
    }

    #[test]
    fn dirty_is_told_from_clean() {
        let at = |value: &str| {
            let labels = Labels(BTreeMap::from([(COMMIT.to_owned(), value.to_owned())]));
            labels
                .made_at()
                .map(|made| (made.commit.to_owned(), made.dirty))
        };
        assert_eq!(at("abc"), Some(("abc".to_owned(), false)));
        assert_eq!(at("abc-dirty"), Some(("abc".to_owned(), true)));
        let shown = |value| Labels::commit_in(value).shown();
        assert_eq!(shown("0123456789-dirty"), "0123456-dirty");
        assert_eq!(shown("0123456789"), "0123456");
    }
}
