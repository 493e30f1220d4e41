//! A stack file with its managed entries replaced by the names they have in the Swarm.
//!
//! The result is read again: everything around the entries must still mean what it meant, or it is not given out.

use std::collections::HashSet;

use super::edits::{Refused, apply, edits};
use super::rendered::{Difference, Expected, first_difference};
use crate::stack::compose::{ComposeFile, Definition};
use crate::stack::error::StackError;
use crate::stack::files::StackFile;
use crate::stack::loaded::Stack;
use crate::stack::object_kind::ObjectKind;
use crate::stack::yaml::Document;

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
        let entries = file.compose.entries.iter();
        let managed_here: HashSet<(ObjectKind, &str)> = entries
            .filter(|entry| matches!(entry.definition, Definition::Managed(_)))
            .map(|entry| (entry.kind, entry.key.as_str()))
            .collect();
        let objects = self.desired.objects.iter();
        Expected {
            names: objects
                .filter(|object| managed_here.contains(&(object.kind, &object.entry)))
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
    let rendered = apply(text, edits(text, &compose.document, expected)?);
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

const SHARED: &str = "what stands here is also used elsewhere, through an anchor, and rendering would change it there; \
                      move the shared part under a key of its own that begins with `x-`";
fn first_line(compose: &ComposeFile, expected: &Expected<'_>) -> usize {
    let mut entries = compose.entries.iter();
    entries
        .find(|entry| expected.name(entry.kind, &entry.key).is_some())
        .map_or(1, |entry| entry.line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stack::render::edits::THROUGH_TOP_LEVEL_MERGE;

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

    /// A piece of a file, and what it is rendered as; `KEY` is the entry's key.
    type Piece = (String, String);

    const NAME: &str = "name: KEY-0123456789ab";
    const EXTERNAL: &str = "external: true";

    fn stays(text: &str) -> Piece {
        (text.to_owned(), text.to_owned())
    }

    fn one_of(texts: &'static [&str]) -> impl Strategy<Value = &'static str> + Clone {
        prop::sample::select(texts)
    }

    /// A managed entry of a property a line, in one of the ways that people write it.
    fn block() -> impl Strategy<Value = Piece> {
        let comment = one_of(&["", "   # c: {", " # é"]);
        let between = one_of(&["", "    # alone  \n", "\n", "  \t# far\n"]);
        let property = one_of(&[
            "name: n-${F}",
            "name: 'n-${F}'",
            "name: \"n-${F}\"",
            "name: >-\n      n-${F}",
            "name:\n      n-${F}",
            "labels:\n      a: b\n      c: 'd'",
            "labels:\n    - a=b",
            "labels: [a, 'b=#c']",
            "template_driver: golang",
            "x-note: |\n      free\n\n      text",
        ]);
        let properties = proptest::collection::vec((property, comment.clone(), between), 0..4);
        let drawn = (properties, comment, any::<prop::sample::Index>());
        drawn.prop_map(|(mut properties, comment, at)| {
            let mut keys = HashSet::new();
            properties.retain(|(property, ..)| keys.insert(property.split(':').next()));
            properties.insert(at.index(properties.len() + 1), ("file: ./f", comment, ""));
            let named = keys.contains(&Some("name"));
            let (mut written, mut rendered) = stays("  KEY:\n");
            for (property, comment, between) in properties {
                let comment = if property.contains('\n') { "" } else { comment };
                written += &format!("    {property}{comment}\n{between}");
                rendered += &match property.split(':').next() {
                    Some("name") => format!("    {NAME}{comment}\n"),
                    Some("file") if named => format!("    {EXTERNAL}{comment}\n"),
                    Some("file") => format!("    {NAME}\n    {EXTERNAL}{comment}\n"),
                    _ => String::new(),
                };
                rendered += between;
            }
            (written, rendered)
        })
    }

    /// What may stand below `secrets:`: managed entries, and what is to stay byte for byte.
    fn piece() -> impl Strategy<Value = Piece> {
        let managed = one_of(&[
            "  KEY: {file: f}#   # flow \n",
            "  KEY:   { name: 'n-${F}' , file: f, labels: {a: b} }#\n",
            "  KEY: {<<: *shared, name: 'n-${F}'}#\n",
            "  KEY: *shared#   \n",
        ]);
        let managed = managed.prop_map(|text| {
            let value = text.find(['{', '*']).expect("a value");
            let (value, after) = (&text[..value], text.split_once('#').expect("an end").1);
            (
                text.replacen('#', "", 1),
                format!("{value}{{ {NAME}, {EXTERNAL} }}{after}"),
            )
        });
        let through_anchor = "  KEY:\n    <<: *shared\n    labels: {c: d}\n".to_owned();
        let kept = one_of(&[
            "#  alone\there   \n",
            "\n",
            "   \n",
            "  # indented: {\n",
            "  KEY: {external: true}   # keep  \n",
            "  KEY:\n    external: true   # there\n    name:   \"odd\"   \n",
            "  KEY:\n    external:\n      name: old\n",
        ]);
        prop_oneof![
            4 => block(),
            3 => managed,
            1 => Just((through_anchor, format!("  KEY:\n    {NAME}\n    {EXTERNAL}\n"))),
            6 => kept.prop_map(stays),
        ]
    }

    /// A section of such pieces, with a key of its own for each entry.
    fn section(name: &'static str) -> impl Strategy<Value = Piece> {
        proptest::collection::vec(piece(), 0..7).prop_map(move |pieces| {
            let (mut written, mut rendered) = stays(&format!("{name}:   # all\n"));
            for (index, piece) in pieces.iter().enumerate() {
                let key = format!("{name}{index}");
                written += &piece.0.replace("KEY", &key);
                rendered += &piece.1.replace("KEY", &key);
            }
            (written, rendered)
        })
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
            secrets in section("secrets"),
            configs in section("configs"),
            before in one_of(&["", "# é\n\n", "---   \nversion:  '3.8' # v\n"]),
            between in one_of(&["", "\n# between  \n", "x-b:   [1,2 ,  3]   # b\n"]),
            after in one_of(&["", "x-last: |\n  a \n\n   b", "\n  # after  \n \n", "# end"]),
            windows in any::<bool>(),
            cut in any::<bool>(),
        ) {
            let services = "x-shared: &shared {file: f}\nservices:\n  a:\n    image:   x   # y\n";
            let whole = |secrets: &str, configs: &str| {
                let mut text = [before, services, secrets, between, configs, after].concat();
                if cut && text.ends_with('\n') {
                    text.pop();
                }
                if windows {
                    text = text.replace('\n', "\r\n");
                }
                text
            };
            let rendering = rendered(&whole(&secrets.0, &configs.0)).unwrap();
            prop_assert_eq!(&rendering, &whole(&secrets.1, &configs.1));
            prop_assert_eq!(rendered(&rendering).unwrap(), rendering);
        }
    }
}
