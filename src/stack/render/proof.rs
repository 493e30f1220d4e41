//! Proves that a rendered stack file means what the original does, except for the expected changes.

use std::collections::{HashMap, HashSet};

use super::expected::Expected;
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{Content, NodeId, Pair, YamlDocument};

/// A place where the rendered file means something else than it should.
pub(crate) struct ChangedMeaning {
    /// Its line in the original, from 1.
    pub(crate) line: usize,
}

/// Compares two documents node by node, through their aliases.
pub(crate) fn prove(
    original: &YamlDocument,
    rendered: &YamlDocument,
    expected: &Expected<'_>,
) -> Result<(), ChangedMeaning> {
    let mut proof = Proof {
        original,
        rendered,
        waiting: Vec::new(),
        seen: HashSet::new(),
    };
    proof.sections(expected)?;
    proof.rest()
}

struct Proof<'a> {
    original: &'a YamlDocument,
    rendered: &'a YamlDocument,
    /// Pairs of nodes that should mean the same. This is a list, since aliases may nest deeper than a call stack.
    waiting: Vec<(NodeId, NodeId)>,
    seen: HashSet<(NodeId, NodeId)>,
}

impl Proof<'_> {
    fn sections(&mut self, expected: &Expected<'_>) -> Result<(), ChangedMeaning> {
        let (original, rendered) = (self.original.root(), self.rendered.root());
        for (one, other) in self.matched(original, rendered)? {
            let key = self.original.key(one.key);
            let kind = ObjectKind::ALL
                .into_iter()
                .find(|&kind| kind.section_key() == key);
            if self.original.is_null(one.value) {
                self.waiting.push((one.value, other.value));
            } else if let Some(kind) = kind {
                self.entries(kind, one.value, other.value, expected)?;
            } else if key == "services" {
                self.services(one.value, other.value, expected)?;
            } else {
                self.waiting.push((one.value, other.value));
            }
        }
        Ok(())
    }

    fn entries(
        &mut self,
        kind: ObjectKind,
        one: NodeId,
        other: NodeId,
        expected: &Expected<'_>,
    ) -> Result<(), ChangedMeaning> {
        for (one, other) in self.matched(one, other)? {
            match expected.name(kind, self.original.key(one.key)) {
                None => self.waiting.push((one.value, other.value)),
                Some(name) if self.is_external(other.value, name, expected.nested_name) => {}
                Some(_) => return self.differs(one.key),
            }
        }
        Ok(())
    }

    /// Services are compared with their merge keys resolved, for an `env_file` may overrule one that comes through `<<`.
    fn services(
        &mut self,
        one: NodeId,
        other: NodeId,
        expected: &Expected<'_>,
    ) -> Result<(), ChangedMeaning> {
        for (one, other) in self.matched(one, other)? {
            let paths = expected.env_files.get(self.original.key(one.key));
            for (property, now) in self.matched(one.value, other.value)? {
                match paths {
                    Some(paths) if self.original.key(property.key) == "env_file" => {
                        self.env_files(property.value, now.value, paths)?;
                    }
                    _ => self.waiting.push((property.value, now.value)),
                }
            }
        }
        Ok(())
    }

    fn env_files(
        &mut self,
        one: NodeId,
        other: NodeId,
        paths: &[Option<String>],
    ) -> Result<(), ChangedMeaning> {
        let items =
            |document: &YamlDocument, id| document.items(id).ok().flatten().map(<[_]>::to_vec);
        let (items, now) = match (items(self.original, one), items(self.rendered, other)) {
            (Some(items), Some(now)) if items.len() == now.len() => (items, now),
            (None, None) => (vec![one], vec![other]),
            _ => return self.differs(one),
        };
        let mut paths = paths.iter();
        for (item, now) in items.into_iter().zip(now) {
            let is_scalar = self.original.scalar(item).is_some();
            match is_scalar.then(|| paths.next()).flatten() {
                Some(Some(path)) => {
                    let found = self.rendered.scalar(now);
                    if found.is_none_or(|(found, plain)| found != path || plain) {
                        return self.differs(item);
                    }
                }
                Some(None) | None => self.waiting.push((item, now)),
            }
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<(), ChangedMeaning> {
        while let Some((one, other)) = self.waiting.pop() {
            let (one, other) = (self.original.resolve(one), self.rendered.resolve(other));
            if !self.seen.insert((one, other)) {
                continue;
            }
            let (node, now) = (self.original.node(one), self.rendered.node(other));
            if node.tagged != now.tagged {
                return self.differs(one);
            }
            match (&node.content, &now.content) {
                (Content::Scalar(scalar), Content::Scalar(now)) if scalar.means(now) => {}
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
    fn matched(&self, one: NodeId, other: NodeId) -> Result<Vec<(Pair, Pair)>, ChangedMeaning> {
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
        if nested_name {
            value_of(entry, "external", 1)
                .and_then(|external| value_of(external, "name", 1))
                .is_some_and(|found| text(found) == Some(name))
        } else {
            value_of(entry, "name", 2).is_some_and(|found| text(found) == Some(name))
                && value_of(entry, "external", 2).is_some_and(|found| text(found) == Some("true"))
        }
    }

    fn differs<T>(&self, at: NodeId) -> Result<T, ChangedMeaning> {
        let line = self.original.line(at);
        Err(ChangedMeaning { line })
    }
}
