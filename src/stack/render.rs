//! A stack file with its managed entries replaced by the names they have in the Swarm.
//!
//! Only the bytes of those entries are touched, and the result is read again: everything else must still mean what it
//! meant, or it is not given out.

use std::ops::Range;

use super::compose::{ComposeFile, Definition, KINDS, section_key};
use super::document::{Content, Document, NodeId, Pair};
use super::error::StackError;
use super::files::StackFile;
use super::load::Stack;
use super::object::ObjectKind;
use super::rendered::{Difference, Expected, first_difference};

/// `name:` beside `external: true` came with this minor version; before, it stood within `external:`.
const NAME_BESIDE_EXTERNAL: u32 = 5;

/// One of a stack's files, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Its path from the top of the repository, where relative paths in it lead from.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Stack<'_> {
    /// The stack's files with every managed entry as `external: true` under its name in the Swarm, and every other byte
    /// as it was.
    pub fn render(&self) -> Result<Vec<RenderedFile>, StackError> {
        let files = self.files.iter().map(|file| {
            let expected = self.expected_of(file);
            let text = render(&file.text, &file.compose, &expected).map_err(|refused| {
                StackError::Render {
                    place: format!("{}:{}", file.path, refused.line),
                    reason: refused.reason,
                }
            })?;
            let path = file.path.clone();
            Ok(RenderedFile { path, text })
        });
        files.collect()
    }

    fn expected_of<'a>(&'a self, file: &'a StackFile) -> Expected<'a> {
        let managed_here = |kind: ObjectKind, key: &str| {
            file.compose.entries.iter().any(|entry| {
                (entry.kind, entry.key.as_str()) == (kind, key)
                    && matches!(entry.definition, Definition::Managed(_))
            })
        };
        let objects = self.desired.objects.iter();
        Expected {
            names: objects
                .filter(|object| managed_here(object.kind, &object.entry))
                .map(|object| ((object.kind, object.entry.as_str()), object.name.as_str()))
                .collect(),
            nested_name: file
                .compose
                .minor
                .is_some_and(|minor| minor < NAME_BESIDE_EXTERNAL),
        }
    }
}

fn render(text: &str, compose: &ComposeFile, expected: &Expected<'_>) -> Result<String, Refused> {
    let renderer = Renderer {
        text,
        document: &compose.document,
        line_end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        expected,
    };
    let rendered = apply(text, renderer.edits()?);
    let difference = match Document::parse(&rendered) {
        Ok(document) => first_difference(&compose.document, &document, expected),
        // An anchor went away that is used elsewhere.
        Err(_) => Some(Difference {
            line: first_line(compose, expected),
        }),
    };
    match difference {
        None => Ok(rendered),
        Some(Difference { line }) => Err(Refused {
            line,
            reason: SHARED,
        }),
    }
}

/// A stack file that can't be rendered as it is written.
#[derive(Debug)]
struct Refused {
    line: usize,
    reason: &'static str,
}

const SHARED: &str = "what stands here is also used elsewhere, through an anchor, and rendering would change it there; \
                      move the shared part under a key of its own that begins with `x-`";
const THROUGH_TOP_LEVEL_MERGE: &str =
    "secrets and configs that come through `<<` at the top level can't be rendered; write them out";

struct Renderer<'a> {
    text: &'a str,
    document: &'a Document,
    line_end: &'static str,
    expected: &'a Expected<'a>,
}

/// Other text for some bytes of a stack file.
pub(super) struct Edit {
    pub(super) bytes: Range<usize>,
    pub(super) replacement: String,
}

impl Renderer<'_> {
    fn edits(&self) -> Result<Vec<Edit>, Refused> {
        let mut edits = Vec::new();
        let Some(sections) = self.pairs(self.document.root()) else {
            return Ok(edits);
        };
        for kind in KINDS {
            let section = sections
                .iter()
                .find(|section| self.document.key(section.key) == section_key(kind));
            if let Some(section) = section {
                self.section(kind, section, &mut edits)?;
            }
        }
        Ok(edits)
    }

    fn section(
        &self,
        kind: ObjectKind,
        section: &Pair,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Refused> {
        let entries = self.pairs(section.value).unwrap_or_default();
        let managed = |pair: &&Pair| {
            self.expected
                .name(kind, self.document.key(pair.key))
                .is_some()
        };
        if section.merged && entries.iter().any(|pair| managed(&pair)) {
            let line = self.document.line(section.key);
            let reason = THROUGH_TOP_LEVEL_MERGE;
            return Err(Refused { line, reason });
        }
        let section_node = self.document.node(section.value);
        let elsewhere = matches!(section_node.content, Content::Alias(_));
        let mut added = Vec::new();
        for pair in entries.iter().filter(managed) {
            let key = self.document.key(pair.key);
            let name = self
                .expected
                .name(kind, key)
                .expect("only managed entries are left");
            if elsewhere || pair.merged {
                added.push(format!("{key:?}: {}", self.flow(name)));
            } else {
                self.entry(pair.value, name, edits);
            }
        }
        if added.is_empty() {
            return Ok(());
        }
        match &section_node.content {
            // Explicit entries win over those that come through `<<`.
            Content::Mapping { pairs, flow } => {
                let merge = pairs.iter().find(|(key, _)| self.document.is_merge(*key));
                let &(key, value) = merge.expect("merged entries come through `<<`");
                edits.push(self.insertion(key, value, *flow, &added));
            }
            _ => {
                let alias = &self.text[section_node.bytes.clone()];
                edits.push(Edit {
                    bytes: section_node.bytes.clone(),
                    replacement: format!("{{ <<: {alias}, {} }}", added.join(", ")),
                });
            }
        }
        Ok(())
    }

    /// Entries that overrule those of the merge key before them.
    fn insertion(&self, key: NodeId, value: NodeId, flow: bool, added: &[String]) -> Edit {
        let end = self.pair_end(key, value);
        if flow {
            return Edit {
                bytes: end..end,
                replacement: format!(", {}", added.join(", ")),
            };
        }
        let end = self.line_of(end).end;
        let indent = self.indent(key);
        let lines = added
            .iter()
            .map(|entry| format!("{}{indent}{entry}", self.line_end));
        Edit {
            bytes: end..end,
            replacement: lines.collect(),
        }
    }

    /// Replaces what an entry says of its own.
    fn entry(&self, value: NodeId, name: &str, edits: &mut Vec<Edit>) {
        let node = self.document.node(value);
        match &node.content {
            Content::Mapping { pairs, flow: false } if self.is_plain_block(pairs) => {
                self.block_entry(pairs, name, edits);
            }
            _ => edits.push(Edit {
                bytes: node.bytes.clone(),
                replacement: self.flow(name),
            }),
        }
    }

    /// Puts the new properties in the lines of `file:` and `name:`, so that comments stay, and takes the others away.
    fn block_entry(&self, pairs: &[(NodeId, NodeId)], name: &str, edits: &mut Vec<Edit>) {
        let position = |wanted: &str| {
            pairs
                .iter()
                .position(|(key, _)| self.document.key(*key) == wanted)
        };
        let name_at = position("name").or(position("file")).unwrap_or(0);
        let external_at = position("file").unwrap_or(name_at);
        for (index, &(key, value)) in pairs.iter().enumerate() {
            let mut lines = Vec::new();
            let name = quoted(name);
            if self.expected.nested_name && index == external_at {
                lines.push(format!("external: {{ name: {name} }}"));
            } else if !self.expected.nested_name && index == name_at {
                lines.push(format!("name: {name}"));
            }
            if !self.expected.nested_name && index == external_at {
                lines.push("external: true".to_owned());
            }
            if lines.is_empty() {
                edits.push(self.removal(key, value));
                continue;
            }
            let separator = format!("{}{}", self.line_end, self.indent(key));
            edits.push(Edit {
                bytes: self.document.node(key).bytes.start..self.pair_end(key, value),
                replacement: lines.join(&separator),
            });
        }
    }

    /// Takes away the lines of a property, with their line ends.
    fn removal(&self, key: NodeId, value: NodeId) -> Edit {
        let start = self.line_of(self.document.node(key).bytes.start).start;
        let end = self.line_of(self.pair_end(key, value)).end;
        let behind = &self.text[end..];
        let bytes = if behind.is_empty() {
            // The last line has no end of its own: take that of the line before.
            self.text[..start].trim_end_matches(['\n', '\r']).len()..end
        } else {
            start..end + behind.find('\n').map_or(0, |newline| newline + 1)
        };
        Edit {
            bytes,
            replacement: String::new(),
        }
    }

    /// True where every pair begins a line of its own, as `key: value`.
    fn is_plain_block(&self, pairs: &[(NodeId, NodeId)]) -> bool {
        pairs.iter().all(|&(key, _)| {
            let bytes = self.document.node(key).bytes.clone();
            let line = self.line_of(bytes.start);
            let alone = self.text[line.start..bytes.start].trim().is_empty();
            let behind = self.text[bytes.end..line.end.max(bytes.end)].trim_start();
            alone && behind.starts_with(':')
        })
    }

    fn flow(&self, name: &str) -> String {
        let name = quoted(name);
        match self.expected.nested_name {
            true => format!("{{ external: {{ name: {name} }} }}"),
            false => format!("{{ name: {name}, external: true }}"),
        }
    }

    fn pair_end(&self, key: NodeId, value: NodeId) -> usize {
        let (key, value) = (self.document.node(key), self.document.node(value));
        match value.bytes.is_empty() {
            true => key.bytes.end,
            false => value.bytes.end,
        }
    }

    /// The bytes of the line around `offset`, without its end.
    fn line_of(&self, offset: usize) -> Range<usize> {
        let start = self.text[..offset]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let length = self.text[offset..]
            .find('\n')
            .unwrap_or(self.text.len() - offset);
        let end = offset + length;
        let end = end - usize::from(end > offset && self.text[..end].ends_with('\r'));
        start..end
    }

    fn indent(&self, key: NodeId) -> &str {
        let start = self.document.node(key).bytes.start;
        &self.text[self.line_of(start).start..start]
    }

    fn pairs(&self, id: NodeId) -> Option<Vec<Pair>> {
        self.document.pairs(id).ok().flatten()
    }
}

fn first_line(compose: &ComposeFile, expected: &Expected<'_>) -> usize {
    let mut entries = compose.entries.iter();
    entries
        .find(|entry| expected.name(entry.kind, &entry.key).is_some())
        .map_or(1, |entry| entry.line)
}

/// Plain where YAML can't take it for anything but a string. Versions alone make names longer than `true` and the like.
fn quoted(name: &str) -> String {
    match name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}

/// The text with all edits made.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.bytes.start, edit.bytes.end));
    let mut result = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for Edit { bytes, replacement } in edits {
        result.push_str(&text[done..bytes.start.max(done)]);
        result.push_str(&replacement);
        done = bytes.end.max(done);
    }
    result.push_str(&text[done..]);
    result
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// Renders with `<key>-0123456789ab` as the name of every managed entry.
    fn rendered(text: &str) -> Result<String, Refused> {
        let compose = ComposeFile::parse(text, &|_| Some("set".to_owned())).expect(text);
        let names: Vec<(ObjectKind, &str, String)> = compose
            .entries
            .iter()
            .filter(|entry| matches!(entry.definition, Definition::Managed(_)))
            .map(|entry| {
                (
                    entry.kind,
                    entry.key.as_str(),
                    format!("{}-0123456789ab", entry.key),
                )
            })
            .collect();
        let expected = Expected {
            names: names
                .iter()
                .map(|(kind, key, name)| ((*kind, *key), name.as_str()))
                .collect(),
            nested_name: compose.minor.is_some_and(|minor| minor < 5),
        };
        render(text, &compose, &expected)
    }

    #[test]
    fn lines_and_their_comments_stay() {
        let text = "\
# before
configs:
  one:   # the first
    file: ./one.conf   # where it is
    # between
    name: one-${ONE_CONF}   # how it is called
  two:
    name: >-
      two-${TWO}

    labels:
      a: b   # gone with its label
      c: d
    file: ./two
    template_driver: golang
  three: { file: x, name: 'y-${X}', labels: [a] }   # flow
  four:
    file: four # plain
  five: {external: true}
# after
services: {a: {image: x, configs: [one]}}
";
        let expected = "\
# before
configs:
  one:   # the first
    external: true   # where it is
    # between
    name: one-0123456789ab   # how it is called
  two:
    name: two-0123456789ab

    external: true
  three: { name: three-0123456789ab, external: true }   # flow
  four:
    name: four-0123456789ab
    external: true # plain
  five: {external: true}
# after
services: {a: {image: x, configs: [one]}}
";
        assert_eq!(rendered(text).unwrap(), expected);
    }

    #[test]
    fn shared_pieces_are_written_out_where_they_are_used() {
        let text = "\
x-entry: &entry {file: a, template_driver: golang}
x-all: &all
  s1: {file: s1}
  s2: {external: true}
secrets:
  <<: *all   # from above
  s3: &three
    file: s3
  s4: *three
  s5:
    <<: *entry
    name: n-${A}
  s6:
    <<: *entry
configs: *all
";
        let expected = "\
x-entry: &entry {file: a, template_driver: golang}
x-all: &all
  s1: {file: s1}
  s2: {external: true}
secrets:
  <<: *all   # from above
  \"s1\": { name: s1-0123456789ab, external: true }
  s3: &three
    name: s3-0123456789ab
    external: true
  s4: { name: s4-0123456789ab, external: true }
  s5:
    name: s5-0123456789ab
    external: true
  s6:
    name: s6-0123456789ab
    external: true
configs: { <<: *all, \"s1\": { name: s1-0123456789ab, external: true } }
";
        assert_eq!(rendered(text).unwrap(), expected);
        let flow = "x-a: &a {one: {file: f}}\nsecrets: {<<: *a, two: {file: g}}\n";
        assert_eq!(
            rendered(flow).unwrap(),
            "x-a: &a {one: {file: f}}\nsecrets: {<<: *a, \"one\": { name: one-0123456789ab, external: true }, \
             two: { name: two-0123456789ab, external: true }}\n"
        );
    }

    #[test]
    fn older_formats_have_the_name_within_external() {
        let text =
            "version: '3.3'\nsecrets:\n  a:\n    file: f # c\n    labels: [x=y]\n  b: {file: g}";
        let expected = "version: '3.3'\nsecrets:\n  a:\n    external: { name: a-0123456789ab } # c\n  \
                        b: { external: { name: b-0123456789ab } }";
        assert_eq!(rendered(text).unwrap(), expected);
    }

    #[test]
    fn line_ends_and_marks_stay() {
        let text = "\u{feff}secrets:\r\n  é1:\r\n".replace("é1", "a")
            + "    file: ./é\r\n    labels: {ä: ö}";
        let expected = "\u{feff}secrets:\r\n  a:\r\n    name: a-0123456789ab\r\n    external: true";
        assert_eq!(rendered(&text).unwrap(), expected);
    }

    #[test]
    fn unusual_layouts_are_written_anew() {
        let explicit = "secrets:\n  ? a\n  : file: f\n    name: n-${F}\nx-a: 1\n";
        assert_eq!(
            rendered(explicit).unwrap(),
            "secrets:\n  ? a\n  : { name: a-0123456789ab, external: true }\nx-a: 1\n"
        );
        let several_lines = "secrets:\n  a: {file: f, # c\n    name: 'n-${F}'\n  }\nx-a: 1\n";
        assert_eq!(
            rendered(several_lines).unwrap(),
            "secrets:\n  a: { name: a-0123456789ab, external: true }\nx-a: 1\n"
        );
    }

    #[test]
    fn what_is_used_elsewhere_is_not_changed_behind_one_s_back() {
        let whole = "secrets:\n  a: &a\n    file: f\nx-a: *a\n";
        let refused = rendered(whole).unwrap_err();
        assert_eq!(refused.line, 2);
        assert!(refused.reason.contains("through an anchor"));
        let part = "secrets:\n  a:\n    file: f\n    labels: &labels {b: c}\nservices:\n  s: {labels: *labels}\n";
        assert_eq!(rendered(part).unwrap_err().line, 2);
        let top = "x-top: &top\n  secrets: {a: {file: f}}\n<<: *top\n";
        assert_eq!(rendered(top).unwrap_err().reason, THROUGH_TOP_LEVEL_MERGE);
    }

    /// An entry in one of the ways that people write it.
    fn entry() -> impl Strategy<Value = String> {
        let comment = prop_oneof![Just(""), Just("   # c: {"), Just(" # é")];
        let between = prop_oneof![Just(""), Just("    # alone\n"), Just("\n")];
        let value = prop_oneof![
            Just("n-${F}"),
            Just("'n-${F}'"),
            Just("\"n-${F}\""),
            Just(">-\n      n-${F}"),
            Just("\n      n-${F}")
        ];
        let property = prop_oneof![
            value.prop_map(|value| format!("name: {value}")),
            Just("labels:\n      a: b\n      c: 'd'".to_owned()),
            Just("labels:\n    - a=b".to_owned()),
            Just("labels: [a, 'b=#c']".to_owned()),
            Just("template_driver: golang".to_owned()),
            Just("x-note: |\n      free\n\n      text".to_owned()),
        ];
        let properties = proptest::collection::vec((property, comment.clone(), between), 0..4);
        let block = (properties, comment, any::<prop::sample::Index>()).prop_map(
            |(mut properties, comment, at)| {
                let mut keys = HashSet::new();
                properties.retain(|(property, ..)| {
                    keys.insert(property.split(':').next().map(str::to_owned))
                });
                let at = at.index(properties.len() + 1);
                properties.insert(at, ("file: ./f".to_owned(), comment, ""));
                let lines = properties.iter().map(|(property, comment, between)| {
                    // A comment behind a block or its key would be content.
                    let comment = if property.contains('\n') { "" } else { comment };
                    format!("    {property}{comment}\n{between}")
                });
                format!("\n{}", lines.collect::<String>())
            },
        );
        prop_oneof![
            block,
            Just(" {file: f}   # flow\n".to_owned()),
            Just(" { name: 'n-${F}' , file: f, labels: {a: b} }\n".to_owned()),
            Just(" {external: true}\n".to_owned()),
            Just("\n    external: true   # there\n    name: elsewhere\n".to_owned()),
            Just(" {<<: *shared, name: 'n-${F}'}\n".to_owned()),
            Just("\n    <<: *shared\n    labels: {c: d}\n".to_owned()),
            Just(" *shared\n".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            text in "([a-c:?&*!|>'\"#%@`,~<$é \\t\\r{}\\[\\]-]|: |\\n|\\n  |secrets:|configs:|file: |name: |<<: ){0,40}"
        ) {
            if ComposeFile::parse(&text, &|_| Some("set".to_owned())).is_ok() {
                let _ = rendered(&text);
            }
        }

        #[test]
        fn every_other_byte_is_as_it_was(
            secrets in proptest::collection::vec(entry(), 0..5),
            configs in proptest::collection::vec(entry(), 0..5),
            windows in any::<bool>(),
            cut in any::<bool>(),
        ) {
            let section = |name: &str, entries: &[String]| match entries {
                [] => String::new(),
                entries => {
                    let entries = entries.iter().enumerate();
                    let entries = entries.map(|(index, entry)| format!("  {name}{index}:{entry}"));
                    format!("{name}:   # all\n{}", entries.collect::<String>())
                }
            };
            let before = "x-shared: &shared {file: f}\n# é\nservices:\n  a:\n    image: x   # y\n";
            let between = "\n# between\n";
            let mut text = [before, &section("secrets", &secrets), between, &section("configs", &configs)].concat();
            if windows {
                text = text.replace('\n', "\r\n");
            }
            if cut {
                text.truncate(text.trim_end().len());
            }
            let rendered_again = rendered;
            let rendered = rendered(&text).unwrap();
            // That it means the same is checked on every rendering; the bytes outside of the sections are for us.
            let sections = text.find("secrets:").or(text.find("\n# between")).unwrap();
            prop_assert_eq!(&rendered[..sections], &text[..sections]);
            for line in text.lines().filter(|line| line.trim_start().starts_with("# ")) {
                prop_assert!(rendered.lines().any(|other| other == line), "{}", line);
            }
            let kept = |line: &&str| line.starts_with("    file:") || line.starts_with("    name:");
            let comments = |text: &str| text.matches(" # ").count();
            let expected: usize = text.lines().filter(kept).map(comments).sum();
            let found = rendered.lines().filter(|line| {
                line.starts_with("    external:") || line.starts_with("    name:")
            });
            prop_assert!(found.map(comments).sum::<usize>() >= expected);
            let again = rendered_again(&rendered).unwrap();
            prop_assert_eq!(again, rendered);
        }
    }
}
