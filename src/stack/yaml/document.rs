//! A YAML document as a tree of nodes. Each node knows its byte range in the text.

use std::cell::Cell;
use std::collections::HashSet;

use super::composer::{Composed, compose};
use super::error::DocumentError;
use super::node::{Content, Node, NodeId};
use super::scalar::Scalar;

/// Maximum number of pairs and items that may be visited. A real stack file has far fewer. With aliases of aliases, a short
/// file can have an exponential number.
const LOOKUPS: usize = 1_000_000;

/// Maximum length in bytes of all texts that may be read. Repeated aliases of one long text would exceed it.
const READABLE_TEXT: usize = 64 << 20;

#[cfg(test)]
thread_local! {
    /// How many texts this thread has parsed.
    pub(crate) static PARSES: Cell<usize> = const { Cell::new(0) };
}

/// A pair of a mapping, with merge keys resolved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) key: NodeId,
    pub(crate) value: NodeId,
    /// True if the pair comes from another mapping through `<<`.
    pub(crate) merged: bool,
}

/// The tree of one document.
#[derive(Debug)]
pub(crate) struct YamlDocument {
    nodes: Vec<Node>,
    root: NodeId,
    lookups_left: Cell<usize>,
    text_left: Cell<usize>,
}

impl YamlDocument {
    /// Parses `text`, which must be a single document.
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        let (document, problems) = Self::parse_with_problems(text)?;
        match problems.into_iter().next() {
            None => Ok(document),
            Some(first) => Err(first),
        }
    }

    /// Parses `text`, which must be a single document. Also returns the errors that leave the rest readable. If a key occurs
    /// twice in a mapping, the first pair counts. A value of `<<` that can't be merged is left out.
    pub(crate) fn parse_with_problems(
        text: &str,
    ) -> Result<(Self, Vec<DocumentError>), DocumentError> {
        #[cfg(test)]
        PARSES.with(|parses| parses.set(parses.get() + 1));
        let Composed {
            nodes,
            root,
            problems,
        } = compose(text)?;
        let document = Self {
            nodes,
            root,
            lookups_left: Cell::new(LOOKUPS),
            text_left: Cell::new(READABLE_TEXT),
        };
        Ok((document, problems))
    }

    /// The outermost node.
    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// The node as written in the text. Aliases are not resolved.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// The node itself. For an alias, the node that it refers to.
    pub(crate) fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id).content {
            Content::Alias(target) => target,
            _ => id,
        }
    }

    /// The line that the node begins in, from 1.
    pub(crate) fn line(&self, id: NodeId) -> usize {
        self.node(id).line
    }

    /// The text of a scalar, and whether it is plain (without quotes, not a block).
    pub(crate) fn scalar(&self, id: NodeId) -> Option<(&str, bool)> {
        match &self.node(self.resolve(id)).content {
            Content::Scalar(Scalar { text, plain }) => Some((text, *plain)),
            _ => None,
        }
    }

    /// The value itself if it is a scalar, or the scalars in the list.
    pub(crate) fn scalars(&self, value: NodeId) -> Result<Vec<NodeId>, DocumentError> {
        if self.is_null(value) {
            return Ok(Vec::new());
        }
        let items = self.items(value)?.map(<[NodeId]>::to_vec);
        let mut nodes = items.unwrap_or_else(|| vec![value]);
        nodes.retain(|&id| self.scalar(id).is_some());
        Ok(nodes)
    }

    /// Every alias with the node that it refers to, in their order in the text.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter_map(|(index, node)| match node.content {
            Content::Alias(target) => Some((NodeId(index), target)),
            _ => None,
        })
    }

    /// The texts of all scalars as written, keys included, each with its line.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.nodes.iter().filter_map(|node| match &node.content {
            Content::Scalar(scalar) => Some((node.line, scalar.text.as_str())),
            _ => None,
        })
    }

    /// Like [`YamlDocument::scalar`], for a text that will be copied: its length is added to the total, which has a maximum.
    pub(crate) fn counted_scalar(&self, id: NodeId) -> Result<Option<(&str, bool)>, DocumentError> {
        let scalar = self.scalar(id);
        let length = scalar.map_or(0, |(text, _)| text.len());
        let left = self.text_left.get().checked_sub(length);
        self.text_left
            .set(left.ok_or_else(|| self.excessive_aliasing(id))?);
        Ok(scalar)
    }

    /// The text of a key.
    pub(crate) fn key(&self, id: NodeId) -> &str {
        self.scalar(id).map_or("", |(text, _)| text)
    }

    /// True for an empty value, `~` and `null`.
    pub(crate) fn is_null(&self, id: NodeId) -> bool {
        let content = &self.node(self.resolve(id)).content;
        matches!(content, Content::Scalar(scalar) if scalar.is_null())
    }

    /// The items of a sequence.
    pub(crate) fn items(&self, id: NodeId) -> Result<Option<&[NodeId]>, DocumentError> {
        match &self.node(self.resolve(id)).content {
            Content::Sequence(items) => {
                self.count(id, items.len())?;
                Ok(Some(items))
            }
            _ => Ok(None),
        }
    }

    /// The pairs of a mapping: first its own, then those that come only from merge keys.
    pub(crate) fn pairs(&self, id: NodeId) -> Result<Option<Vec<Pair>>, DocumentError> {
        let mut found = Vec::new();
        let mut keys = HashSet::new();
        let mut waiting = vec![self.resolve(id)];
        let mut seen = HashSet::new();
        let mut merged = false;
        while let Some(mapping) = waiting.pop() {
            let Content::Mapping { pairs, .. } = &self.node(mapping).content else {
                if merged {
                    continue;
                }
                return Ok(None);
            };
            // A mapping that is merged a second time adds no keys.
            if !seen.insert(mapping) {
                continue;
            }
            self.count(id, pairs.len())?;
            let mut sources = Vec::new();
            for &(key, value) in pairs {
                if self.is_merge(key) {
                    sources.extend(self.merge_sources(value));
                } else if keys.insert(self.key(key)) {
                    found.push(Pair { key, value, merged });
                }
            }
            waiting.extend(sources.into_iter().rev());
            merged = true;
        }
        Ok(Some(found))
    }

    /// True for the key `<<`.
    pub(crate) fn is_merge(&self, key: NodeId) -> bool {
        self.scalar(key) == Some(("<<", true))
    }

    fn merge_sources(&self, value: NodeId) -> Vec<NodeId> {
        let value = self.resolve(value);
        match &self.node(value).content {
            Content::Sequence(items) => items.iter().map(|&item| self.resolve(item)).collect(),
            _ => vec![value],
        }
    }

    fn count(&self, id: NodeId, visited: usize) -> Result<(), DocumentError> {
        let left = self.lookups_left.get().checked_sub(visited + 1);
        self.lookups_left
            .set(left.ok_or_else(|| self.excessive_aliasing(id))?);
        Ok(())
    }

    fn excessive_aliasing(&self, id: NodeId) -> DocumentError {
        let line = self.line(id);
        DocumentError::ExcessiveAliasing { line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        YamlDocument::parse(text).expect_err(text).to_string()
    }

    /// The keys and scalar values of the mapping at `path`.
    fn flat(text: &str, path: &[&str]) -> Vec<(String, String)> {
        let document = YamlDocument::parse(text).expect(text);
        let mut id = document.root();
        for step in path {
            let pairs = document.pairs(id).unwrap().unwrap();
            id = pairs
                .iter()
                .find(|pair| document.key(pair.key) == *step)
                .unwrap()
                .value;
        }
        let pairs = document.pairs(id).unwrap().unwrap();
        pairs
            .iter()
            .map(|pair| {
                let value = document.scalar(pair.value).unwrap().0;
                (document.key(pair.key).to_owned(), value.to_owned())
            })
            .collect()
    }

    #[test]
    fn errors_say_line_and_column() {
        let error = refused("a: 1\nb: [1, 2\nc: 3\n");
        assert!(error.contains(": not valid YAML: "), "{error}");
        assert!(
            matches!(
                YamlDocument::parse("a: 1\n b: 2\n"),
                Err(DocumentError::Syntax {
                    line: 2,
                    column: 3,
                    ..
                })
            ),
            "{}",
            refused("a: 1\n b: 2\n")
        );
        assert_eq!(refused(""), "1: the file is empty");
        assert!(refused("a: *nobody\n").starts_with("1:4: "));
    }

    #[test]
    fn a_key_twice_is_refused_with_both_lines() {
        assert_eq!(
            refused("a:\n  b: 1\n  c: 2\n  b: 3\n"),
            "4: key `b` is already defined in line 2"
        );
        assert_eq!(
            refused("a: {b: 1,\n  'b': 3}\n"),
            "2: key `b` is already defined in line 1"
        );
        assert_eq!(
            refused("x: &x {a: 1}\ny:\n  <<: *x\n  <<: *x\n"),
            "4: key `<<` is already defined in line 3"
        );
    }

    #[test]
    fn merge_keys_give_way_to_own_keys_and_to_earlier_merges() {
        let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  c: 3\n  <<: [*x, *y]\n";
        assert_eq!(
            flat(text, &["z"]),
            [("c", "3"), ("a", "1"), ("b", "1")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        assert_eq!(
            refused("a:\n  <<: 3\n"),
            "2: `<<` takes a mapping or a list of mappings"
        );
    }

    #[test]
    fn nodes_know_their_bytes() {
        let text = "é: {file: \"ä\"  , n: [1, {a: b}] }   # tail\nb: &x\n  # c\n  k: >-\n    folded\n\n  l: v  # x\n\nc: *x\n";
        let document = YamlDocument::parse(text).unwrap();
        let of = |id: NodeId| &text[document.node(id).bytes.clone()];
        let pairs = document.pairs(document.root()).unwrap().unwrap();
        assert_eq!(of(pairs[0].value), "{file: \"ä\"  , n: [1, {a: b}] }");
        assert_eq!(
            of(pairs[1].value),
            "&x\n  # c\n  k: >-\n    folded\n\n  l: v"
        );
        assert_eq!(of(pairs[2].value), "*x");
        let inner = document.pairs(pairs[0].value).unwrap().unwrap();
        assert_eq!(of(inner[0].value), "\"ä\"");
        assert_eq!(of(inner[1].value), "[1, {a: b}]");
        let inner = document.pairs(pairs[2].value).unwrap().unwrap();
        assert_eq!(of(inner[0].value), "folded");
        assert_eq!(of(inner[1].value), "v");
        let text = "a: \"\\\"'\" # \"\nb: &x ''''   # '\nc: 'd''e'  # f\ng: h\n";
        let document = YamlDocument::parse(text).unwrap();
        let pairs = document.pairs(document.root()).unwrap().unwrap();
        let of = |id: NodeId| &text[document.node(id).bytes.clone()];
        assert_eq!(of(pairs[0].value), "\"\\\"'\"");
        assert_eq!(of(pairs[1].value), "&x ''''");
        assert_eq!(of(pairs[2].value), "'d''e'");
        let text = "a: &x !t # {\n  { # [\n   b: [ c ] }\nd: &y # {\n  e: f\n";
        let document = YamlDocument::parse(text).unwrap();
        let pairs = document.pairs(document.root()).unwrap().unwrap();
        let of = |id: NodeId| &text[document.node(id).bytes.clone()];
        assert_eq!(of(pairs[0].value), "{ # [\n   b: [ c ] }");
        assert_eq!(of(pairs[1].value), "&y # {\n  e: f");
    }

    #[test]
    fn hostile_documents_are_refused_quickly() {
        assert!(refused(&"[".repeat(101)).contains("nested deeper than 100 levels"));
        refused(&"[".repeat(5000));
        assert_eq!(
            refused("a: &a [*a]\n"),
            "1: the alias stands for something that contains itself"
        );
        assert_eq!(refused("{a: 1}: 2\n"), "1: a key must be a string");
        assert_eq!(
            refused("a: 1\n---\nb: 2\n"),
            "2: a second document begins here, and a stack file has one"
        );
        let mut bomb = String::from("m0: &m0 {k: v}\n");
        for level in 1..90 {
            let below = level - 1;
            bomb += &format!(
                "m{level}: &m{level} {{<<: [{}]}}\n",
                format!("*m{below},").repeat(20)
            );
        }
        let document = YamlDocument::parse(&bomb).unwrap();
        let last = document.pairs(document.root()).unwrap().unwrap()[89];
        assert_eq!(document.pairs(last.value).unwrap().unwrap().len(), 1);
    }

    #[test]
    fn repeated_lookups_through_aliases_end() {
        let text = format!("a: &a [{}]\n", "x, ".repeat(2000));
        let document = YamlDocument::parse(&text).unwrap();
        let items = document.pairs(document.root()).unwrap().unwrap()[0].value;
        let error = (0..1000).find_map(|_| document.items(items).err());
        assert_eq!(error, Some(DocumentError::ExcessiveAliasing { line: 1 }));
    }
}
