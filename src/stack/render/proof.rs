//! Proves that a rendered stack file means what the original does, except for the expected changes.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::expected::Expected;
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{Content, NodeId, Pair, YamlDocument};

/// The places where the meaning of the rendered file is wrong.
pub(crate) struct ChangedMeaning {
    /// The lines of these places in the original, from 1.
    pub(crate) lines: BTreeSet<usize>,
}

/// Compares two documents node by node. Aliases are followed.
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
        lines: BTreeSet::new(),
    };
    proof.sections(expected);
    proof.rest();
    let lines = proof.lines;
    if lines.is_empty() {
        Ok(())
    } else {
        Err(ChangedMeaning { lines })
    }
}

struct Proof<'a> {
    original: &'a YamlDocument,
    rendered: &'a YamlDocument,
    /// Pairs of nodes that must mean the same and are still to be compared. This is a list rather than recursion, since
    /// aliases may nest deeper than the call stack allows.
    waiting: Vec<(NodeId, NodeId)>,
    seen: HashSet<(NodeId, NodeId)>,
    /// The lines in the original whose meaning differs.
    lines: BTreeSet<usize>,
}

impl Proof<'_> {
    fn sections(&mut self, expected: &Expected<'_>) {
        let (original, rendered) = (self.original.root(), self.rendered.root());
        for (one, other) in self.matched(original, rendered) {
            let key = self.original.key(one.key);
            let kind = ObjectKind::ALL
                .into_iter()
                .find(|&kind| kind.section_key() == key);
            if self.original.is_null(one.value) {
                self.waiting.push((one.value, other.value));
            } else if let Some(kind) = kind {
                self.entries(kind, one.value, other.value, expected);
            } else if key == "services" {
                self.services(one.value, other.value, expected);
            } else {
                self.waiting.push((one.value, other.value));
            }
        }
    }

    fn entries(&mut self, kind: ObjectKind, one: NodeId, other: NodeId, expected: &Expected<'_>) {
        for (one, other) in self.matched(one, other) {
            match expected.name(kind, self.original.key(one.key)) {
                None => self.waiting.push((one.value, other.value)),
                Some(name) if self.is_external(other.value, name, expected.nested_name) => {}
                Some(_) => self.differs(one.key),
            }
        }
    }

    /// Compares services with their merge keys resolved, because an added `env_file` may override one that comes through
    /// `<<`.
    fn services(&mut self, one: NodeId, other: NodeId, expected: &Expected<'_>) {
        for (one, other) in self.matched(one, other) {
            let paths = expected.env_files.get(self.original.key(one.key));
            for (property, now) in self.matched(one.value, other.value) {
                match paths {
                    Some(paths) if self.original.key(property.key) == "env_file" => {
                        self.env_files(property.value, now.value, paths);
                    }
                    _ => self.waiting.push((property.value, now.value)),
                }
            }
        }
    }

    fn env_files(&mut self, one: NodeId, other: NodeId, paths: &[Option<String>]) {
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
                        self.differs(item);
                    }
                }
                Some(None) | None => self.waiting.push((item, now)),
            }
        }
    }

    fn rest(&mut self) {
        while let Some((one, other)) = self.waiting.pop() {
            let (one, other) = (self.original.resolve(one), self.rendered.resolve(other));
            if !self.seen.insert((one, other)) {
                continue;
            }
            let (node, now) = (self.original.node(one), self.rendered.node(other));
            match (&node.content, &now.content) {
                _ if node.tagged != now.tagged => self.differs(one),
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
                _ => self.differs(one),
            }
        }
    }

    /// The pairs of two mappings, merge keys resolved, matched by key. Empty if the mappings don't match.
    fn matched(&mut self, one: NodeId, other: NodeId) -> Vec<(Pair, Pair)> {
        let originals = self.original.pairs(one).ok().flatten();
        let rendered = self.rendered.pairs(other).ok().flatten();
        let (Some(originals), Some(rendered)) = (originals, rendered) else {
            self.differs(one);
            return Vec::new();
        };
        if originals.len() != rendered.len() {
            self.differs(one);
            return Vec::new();
        }
        let by_key = rendered.into_iter();
        let by_key: HashMap<&str, Pair> = by_key
            .map(|pair| (self.rendered.key(pair.key), pair))
            .collect();
        let mut matched = Vec::new();
        for pair in originals {
            match by_key.get(self.original.key(pair.key)) {
                Some(&same) => matched.push((pair, same)),
                None => self.differs(pair.key),
            }
        }
        matched
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

    fn differs(&mut self, at: NodeId) {
        self.lines.insert(self.original.line(at));
    }
}
