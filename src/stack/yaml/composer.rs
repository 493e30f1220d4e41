//! Builds nodes from the events of the YAML parser. Each node knows its byte range in the text.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::error::{DEEPEST, DocumentError, LONGEST_KEY};
use super::node::{Content, Node, NodeId};
use super::scalar::Scalar;

/// Maximum number of errors that are kept for one document. A file written by people has far fewer.
const MAXIMUM_PROBLEMS: usize = 1000;

/// The nodes of a document, and those errors that leave the rest of the document readable.
pub(crate) struct Composed {
    pub(crate) nodes: Vec<Node>,
    /// The outermost node.
    pub(crate) root: NodeId,
    pub(crate) problems: Vec<DocumentError>,
}

/// Parses `text`, which must be a single document.
pub(crate) fn compose(text: &str) -> Result<Composed, DocumentError> {
    let mut composer = Composer::new(text);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| DocumentError::Syntax {
            line: error.marker().line(),
            column: error.marker().col() + 1,
            reason: error.info().to_owned(),
        })?;
        if matches!(event, Event::DocumentStart(_)) && composer.root.is_some() {
            let line = span.start.line();
            composer.note(DocumentError::SeveralDocuments { line });
            break;
        }
        composer.take(event, span)?;
    }
    let root = composer.root.ok_or(DocumentError::Empty)?;
    Ok(Composed {
        nodes: composer.nodes,
        root,
        problems: composer.problems,
    })
}

/// Builds the tree of nodes from the parser's events.
struct Composer<'text> {
    text: &'text str,
    /// The byte offset of each character. `None` if all characters are one byte long.
    offsets: Option<Vec<usize>>,
    nodes: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    root: Option<NodeId>,
    problems: Vec<DocumentError>,
}

/// A sequence or mapping whose end has not been reached.
struct Open {
    id: NodeId,
    /// Its children so far. In a mapping, keys and values alternate.
    children: Vec<NodeId>,
    /// The keys of a mapping, with their lines.
    keys: HashMap<String, usize>,
    /// The keys that are not strings or are too long. Their pairs are left out.
    bad_keys: HashSet<NodeId>,
}

impl Open {
    /// The error in a key, if there is one.
    fn key_problem(&mut self, nodes: &[Node], key: NodeId) -> Option<DocumentError> {
        let line = nodes[key.0].line;
        match resolved(nodes, key) {
            Content::Scalar(Scalar { text, .. }) if text.len() <= LONGEST_KEY => {
                match self.keys.entry(text.clone()) {
                    Entry::Occupied(first) => {
                        let (key, first) = (text.clone(), *first.get());
                        Some(DocumentError::DuplicateKey { line, key, first })
                    }
                    Entry::Vacant(vacant) => {
                        vacant.insert(line);
                        None
                    }
                }
            }
            other => {
                self.bad_keys.insert(key);
                Some(match other {
                    Content::Scalar(_) => DocumentError::KeyTooLong { line },
                    _ => DocumentError::KeyNotScalar { line },
                })
            }
        }
    }
}

impl<'text> Composer<'text> {
    fn new(text: &'text str) -> Self {
        let offsets = || {
            let starts = text.char_indices().map(|(offset, _)| offset);
            starts.chain([text.len()]).collect()
        };
        Self {
            text,
            offsets: (!text.is_ascii()).then(offsets),
            nodes: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            problems: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), DocumentError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                // For an empty scalar, the parser returns the position of the text after it.
                let start = self.offset(span.start.index());
                let bytes = match style {
                    ScalarStyle::Plain if text.is_empty() => start..start,
                    ScalarStyle::SingleQuoted => start..self.quoted_end(span, '\''),
                    ScalarStyle::DoubleQuoted => start..self.quoted_end(span, '"'),
                    _ => self.trimmed(span),
                };
                let text = text.into_owned();
                let scalar = Content::Scalar(Scalar { text, plain });
                let id = self.add(scalar, tag.is_some(), &span, bytes, anchor);
                self.attach(id);
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let open = |target| self.open.iter().any(|open| open.id == target);
                let content = match target.filter(|&target| !open(target)) {
                    Some(target) => Content::Alias(target),
                    None => {
                        let line = span.start.line();
                        self.note(DocumentError::SelfReference { line });
                        Content::Scalar(Scalar::null())
                    }
                };
                let bytes = self.trimmed(span);
                let id = self.add(content, false, &span, bytes, 0);
                self.attach(id);
            }
            Event::SequenceStart(anchor, tag) => {
                let (bytes, _) = self.opening(span, '[');
                let id = self.add(
                    Content::Sequence(Vec::new()),
                    tag.is_some(),
                    &span,
                    bytes,
                    anchor,
                );
                self.enter(id)?;
            }
            Event::MappingStart(anchor, tag) => {
                let (bytes, flow) = self.opening(span, '{');
                let pairs = Vec::new();
                let mapping = Content::Mapping { pairs, flow };
                let id = self.add(mapping, tag.is_some(), &span, bytes, anchor);
                self.enter(id)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span),
            _ => {}
        }
        Ok(())
    }

    fn note(&mut self, problem: DocumentError) {
        if self.problems.len() < MAXIMUM_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn add(
        &mut self,
        content: Content,
        tagged: bool,
        span: &Span,
        bytes: Range<usize>,
        anchor: usize,
    ) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            content,
            tagged,
            line: span.start.line(),
            bytes,
        });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        id
    }

    /// Opens a collection. An error if it is nested too deeply.
    fn enter(&mut self, id: NodeId) -> Result<(), DocumentError> {
        if self.open.len() == DEEPEST {
            return Err(DocumentError::TooDeep {
                line: self.nodes[id.0].line,
            });
        }
        self.open.push(Open {
            id,
            children: Vec::new(),
            keys: HashMap::new(),
            bad_keys: HashSet::new(),
        });
        Ok(())
    }

    fn leave(&mut self, span: Span) {
        let open = self.open.pop().expect("the parser ends what it began");
        let Open {
            id,
            children,
            bad_keys,
            ..
        } = open;
        let last = children.last().map(|&child| self.nodes[child.0].bytes.end);
        let end = self.offset(span.start.index());
        let closed = self.text[end..].starts_with([']', '}']);
        let node = &mut self.nodes[id.0];
        match &mut node.content {
            Content::Mapping { pairs, flow } => {
                let (found, _) = children.as_chunks::<2>();
                let found = found.iter().map(|&[key, value]| (key, value));
                *pairs = found.filter(|(key, _)| !bad_keys.contains(key)).collect();
                node.bytes.end = match last {
                    _ if *flow && closed => end + 1,
                    Some(last) => last,
                    None => node.bytes.end,
                };
            }
            Content::Sequence(items) => {
                let flow = self.text[node.bytes.start..].starts_with('[');
                *items = children;
                node.bytes.end = match last {
                    _ if flow && closed => end + 1,
                    Some(last) => last,
                    None => node.bytes.end,
                };
            }
            Content::Scalar(_) | Content::Alias(_) => {}
        }
        self.attach(id);
    }

    /// Adds a finished node to the collection that contains it.
    fn attach(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(id);
            return;
        };
        let is_mapping = matches!(self.nodes[open.id.0].content, Content::Mapping { .. });
        let problem = match open.children.last() {
            _ if !is_mapping => None,
            Some(&key) if !open.children.len().is_multiple_of(2) => {
                merge_problem(&self.nodes, key, id)
            }
            _ => open.key_problem(&self.nodes, id),
        };
        open.children.push(id);
        problem.into_iter().for_each(|problem| self.note(problem));
    }

    /// The bytes at which a collection begins, and whether it is in flow style: then a brace or bracket follows its anchor,
    /// tag and comments.
    fn opening(&self, span: Span, brace: char) -> (Range<usize>, bool) {
        let (start, end) = (
            self.offset(span.start.index()),
            self.offset(span.end.index()),
        );
        let rest = behind_properties(&self.text[start..end]);
        if rest.starts_with(brace) {
            let at = end - rest.len();
            (at..at + 1, true)
        } else {
            (start..start, false)
        }
    }

    /// The offset at which a quoted scalar ends. The parser's span also includes comments after it.
    fn quoted_end(&self, span: Span, quote: char) -> usize {
        let (start, end) = (
            self.offset(span.start.index()),
            self.offset(span.end.index()),
        );
        let quoted = behind_properties(&self.text[start..end]);
        let mut letters = quoted.char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            let escapes = match quote {
                '"' => letter == '\\',
                _ => letter == quote && letters.peek().is_some_and(|&(_, next)| next == quote),
            };
            if escapes {
                letters.next();
            } else if letter == quote {
                return end - quoted.len() + at + 1;
            }
        }
        end
    }

    fn trimmed(&self, span: Span) -> Range<usize> {
        let (start, end) = (
            self.offset(span.start.index()),
            self.offset(span.end.index()),
        );
        start..start + self.text[start..end].trim_end().len()
    }

    fn offset(&self, index: usize) -> usize {
        match &self.offsets {
            Some(offsets) => offsets[index.min(offsets.len() - 1)],
            None => index.min(self.text.len()),
        }
    }
}

/// The text after the anchor, the tag and the comments at the beginning of a node.
fn behind_properties(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '&' | '!' => rest.find(char::is_whitespace),
            '#' => rest.find('\n'),
            _ => break,
        };
        rest = rest[skipped.unwrap_or(rest.len())..].trim_start();
    }
    rest
}

/// The error in the value of `<<`, if the value can't be merged.
fn merge_problem(nodes: &[Node], key: NodeId, value: NodeId) -> Option<DocumentError> {
    let line = nodes[value.0].line;
    match &nodes[key.0].content {
        Content::Scalar(Scalar { text, plain: true }) if text == "<<" => {
            (!merges(nodes, value)).then_some(DocumentError::BadMerge { line })
        }
        _ => None,
    }
}

/// True if the node is a valid value for `<<`: a mapping, or a list of mappings.
fn merges(nodes: &[Node], id: NodeId) -> bool {
    match resolved(nodes, id) {
        Content::Mapping { .. } => true,
        Content::Sequence(items) => items
            .iter()
            .all(|&item| matches!(resolved(nodes, item), Content::Mapping { .. })),
        _ => false,
    }
}

/// The content of the node. For an alias, the content of the node that it refers to.
fn resolved(nodes: &[Node], id: NodeId) -> &Content {
    match nodes[id.0].content {
        Content::Alias(target) => &nodes[target.0].content,
        _ => &nodes[id.0].content,
    }
}
