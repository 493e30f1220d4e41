//! Whether a rendered stack file still means what the original did.

use std::collections::{HashMap, HashSet};

use crate::stack::object_kind::ObjectKind;
use crate::stack::yaml::{Content, Document, NodeId, Pair};

/// What the managed entries of one file become.
#[derive(Default)]
pub(crate) struct Expected<'a> {
    /// Their names in the Swarm.
    pub(crate) names: HashMap<(ObjectKind, &'a str), &'a str>,
    /// The name stands within `external:`.
    pub(crate) nested_name: bool,
}

/// The first place where two documents differ.
pub(crate) struct Difference {
    /// Its line in the original, from 1.
    pub(crate) line: usize,
}

/// Compares two documents node by node, through their aliases. Apart from managed entries, all must be the same.
pub(crate) fn first_difference(
    original: &Document,
    rendered: &Document,
    expected: &Expected<'_>,
) -> Option<Difference> {
    let mut comparison = Comparison {
        original,
        rendered,
        waiting: Vec::new(),
        seen: HashSet::new(),
    };
    comparison
        .whole(expected)
        .err()
        .or_else(|| comparison.rest().err())
}

struct Comparison<'a> {
    original: &'a Document,
    rendered: &'a Document,
    /// Pairs of nodes that should be the same. A list, since aliases nest deeper than any call stack.
    waiting: Vec<(NodeId, NodeId)>,
    seen: HashSet<(NodeId, NodeId)>,
}

impl<'a> Expected<'a> {
    /// The name of a managed entry; none for all others.
    pub(crate) fn name(&self, kind: ObjectKind, key: &str) -> Option<&'a str> {
        self.names.get(&(kind, key)).copied()
    }
}

impl Comparison<'_> {
    fn whole(&mut self, expected: &Expected<'_>) -> Result<(), Difference> {
        let (original, rendered) = (self.original.root(), self.rendered.root());
        let sections = self.matched(original, rendered)?;
        for (one, other) in sections {
            let key = self.original.key(one.key);
            let kind = ObjectKind::ALL
                .into_iter()
                .find(|&kind| kind.section_key() == key);
            let Some(kind) = kind.filter(|_| !self.original.is_null(one.value)) else {
                self.waiting.push((one.value, other.value));
                continue;
            };
            for (one, other) in self.matched(one.value, other.value)? {
                match expected.name(kind, self.original.key(one.key)) {
                    None => self.waiting.push((one.value, other.value)),
                    Some(name) if self.is_external(other.value, name, expected.nested_name) => {}
                    Some(_) => return self.differs(one.key),
                }
            }
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<(), Difference> {
        while let Some((one, other)) = self.waiting.pop() {
            let (one, other) = (self.original.resolve(one), self.rendered.resolve(other));
            if !self.seen.insert((one, other)) {
                continue;
            }
            let contents = (
                &self.original.node(one).content,
                &self.rendered.node(other).content,
            );
            match contents {
                (
                    Content::Scalar { text, plain },
                    Content::Scalar {
                        text: other_text,
                        plain: other_plain,
                    },
                ) if (text, plain) == (other_text, other_plain) => {}
                (Content::Sequence(items), Content::Sequence(others))
                    if items.len() == others.len() =>
                {
                    let pairs = items.iter().copied().zip(others.iter().copied());
                    self.waiting.extend(pairs);
                }
                (Content::Mapping { pairs, .. }, Content::Mapping { pairs: others, .. })
                    if pairs.len() == others.len() =>
                {
                    for (&(key, value), &(other_key, other_value)) in pairs.iter().zip(others) {
                        self.waiting.push((key, other_key));
                        self.waiting.push((value, other_value));
                    }
                }
                _ => return self.differs(one),
            }
        }
        Ok(())
    }

    /// The pairs of two mappings, merge keys resolved, matched by their keys.
    fn matched(&self, one: NodeId, other: NodeId) -> Result<Vec<(Pair, Pair)>, Difference> {
        let originals = self.original.pairs(one).ok().flatten();
        let rendered = self.rendered.pairs(other).ok().flatten();
        let (Some(originals), Some(rendered)) = (originals, rendered) else {
            return self.differs(one);
        };
        if originals.len() != rendered.len() {
            return self.differs(one);
        }
        let by_key = rendered.into_iter();
        let by_key: HashMap<&str, Pair> = by_key
            .map(|pair| (self.rendered.key(pair.key), pair))
            .collect();
        let mut matched = Vec::new();
        for pair in originals {
            match by_key.get(self.original.key(pair.key)) {
                Some(&same) => matched.push((pair, same)),
                None => return self.differs(pair.key),
            }
        }
        Ok(matched)
    }

    fn is_external(&self, entry: NodeId, name: &str, nested_name: bool) -> bool {
        let text = |id| self.rendered.scalar(id).map(|(text, _)| text);
        let value_of = |id, key: &str, among: usize| {
            let pairs = self.rendered.pairs(id).ok().flatten()?;
            let pair = pairs
                .iter()
                .find(|pair| self.rendered.key(pair.key) == key)?;
            (pairs.len() == among).then_some(pair.value)
        };
        match nested_name {
            true => value_of(entry, "external", 1)
                .and_then(|external| value_of(external, "name", 1))
                .is_some_and(|found| text(found) == Some(name)),
            false => {
                value_of(entry, "name", 2).is_some_and(|found| text(found) == Some(name))
                    && value_of(entry, "external", 2)
                        .is_some_and(|found| text(found) == Some("true"))
            }
        }
    }

    fn differs<T>(&self, at: NodeId) -> Result<T, Difference> {
        let line = self.original.line(at);
        Err(Difference { line })
    }
}
