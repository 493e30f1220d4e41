//! Renders a stack's files.

use std::collections::{HashMap, HashSet};

use super::edit::{Edit, Refused, apply};
use super::entries::edit_entries;
use super::env_files::edit_env_files;
use super::expected::Expected;
use super::layout::Layout;
use super::proof::{ChangedMeaning, prove};
use super::shared::keep_originals;
use crate::stack::compose::{ComposeFile, Definition, StackService};
use crate::stack::error::StackError;
use crate::stack::files::StackFile;
use crate::stack::loaded::Stack;
use crate::stack::names::ObjectKind;
use crate::stack::yaml::YamlDocument;

/// The first minor version of the format that allows `name:` beside `external: true`. Older versions need `name:` inside
/// `external:`.
pub(crate) const NAME_BESIDE_EXTERNAL: u32 = 5;

const SHARED: &str = "what stands here is also used elsewhere, through an anchor, and rendering would change it there; \
                      move the shared part under a key of its own that begins with `x-`";

/// One of a stack's files, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// The path of the original, from the top of the repository.
    pub path: String,
    pub text: String,
}

impl Stack<'_> {
    /// The stack's files. Every managed entry becomes `external: true` with its name in the Swarm, and every other byte
    /// stays as it was.
    pub fn render(&self) -> Result<Vec<RenderedFile>, StackError> {
        self.render_handing_over(&|_| None)
    }

    /// The rendered files. The path of each `env_file` is replaced by what `handed_over` returns for it.
    pub fn render_handing_over(
        &self,
        handed_over: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Vec<RenderedFile>, StackError> {
        let (mut rendered, mut problems) = (Vec::new(), Vec::new());
        for file in &self.files {
            let expected = self.expected_of(file, handed_over);
            match render(&file.text, &file.compose, &expected) {
                Ok(text) => rendered.push(RenderedFile {
                    path: file.path.clone(),
                    text,
                }),
                Err(refused) => problems.extend(refused.into_iter().map(|refused| {
                    let Refused { line, reason } = refused;
                    let place = format!("{}:{line}", file.path);
                    StackError::Render { place, reason }
                })),
            }
        }
        StackError::of_all(problems)?;
        Ok(rendered)
    }

    fn expected_of<'a>(
        &'a self,
        file: &'a StackFile,
        handed_over: &dyn Fn(&str) -> Option<String>,
    ) -> Expected<'a> {
        let entries = file.compose.entries.iter();
        let managed_here: HashSet<(ObjectKind, &str)> = entries
            .filter(|entry| matches!(entry.definition, Definition::Managed(_)))
            .map(|entry| (entry.kind, entry.key.as_str()))
            .collect();
        let objects = self.desired.objects.iter();
        let paths = |service: &'a StackService| {
            let files = service.env_files.iter();
            let path = |named: &str| file.inside(named).and_then(|path| handed_over(&path));
            let paths: Vec<Option<String>> = files.map(|named| path(&named.file)).collect();
            let changes = paths.iter().any(Option::is_some);
            changes.then_some((service.name.as_str(), paths))
        };
        Expected {
            names: objects
                .filter(|object| managed_here.contains(&(object.kind, &object.entry)))
                .map(|object| ((object.kind, object.entry.as_str()), object.name.as_str()))
                .collect(),
            nested_name: file
                .compose
                .minor
                .is_some_and(|minor| minor < NAME_BESIDE_EXTERNAL),
            env_files: file
                .compose
                .services
                .iter()
                .filter_map(paths)
                .collect::<HashMap<_, _>>(),
        }
    }
}

/// Renders one file. The first try leaves aliases of edited nodes alone, which is often right. If the meaning has changed,
/// the second try writes out the original in place of an alias.
pub(crate) fn render(
    text: &str,
    compose: &ComposeFile,
    expected: &Expected<'_>,
) -> Result<String, Vec<Refused>> {
    let layout = Layout::of(text, &compose.document);
    let mut edits = edits(&layout, expected)?;
    if edits.is_empty() {
        return Ok(text.to_owned());
    }
    let proven = |edits: &[Edit]| {
        let rendered = apply(text, edits);
        match YamlDocument::parse_with_problems(&rendered) {
            Ok((document, _)) => prove(&compose.document, &document, expected).map(|()| rendered),
            // The error is that an edit has removed an anchor that is used elsewhere.
            Err(_) => Err(ChangedMeaning {
                lines: [first_line(compose, expected)].into(),
            }),
        }
    };
    proven(&edits)
        .or_else(|changed| match keep_originals(&layout, &edits) {
            Ok(kept) if kept.is_empty() => Err(changed),
            Ok(kept) => {
                edits.extend(kept);
                proven(&edits)
            }
            Err(lines) => Err(ChangedMeaning { lines }),
        })
        .map_err(|ChangedMeaning { lines }| {
            let lines = lines.into_iter();
            let reason = SHARED;
            lines.map(|line| Refused { line, reason }).collect()
        })
}

/// The edits that make the expected changes. They ignore aliases elsewhere.
fn edits(layout: &Layout<'_>, expected: &Expected<'_>) -> Result<Vec<Edit>, Vec<Refused>> {
    let (mut edits, mut refused) = (Vec::new(), Vec::new());
    for section in layout.pairs(layout.document.root()) {
        let key = layout.document.key(section.key);
        let mut kinds = ObjectKind::ALL.into_iter();
        if let Some(kind) = kinds.find(|kind| kind.section_key() == key) {
            refused.extend(edit_entries(layout, expected, kind, &section, &mut edits).err());
        } else if key == "services" {
            refused.extend(edit_env_files(layout, expected, &section, &mut edits));
        }
    }
    if refused.is_empty() {
        Ok(edits)
    } else {
        Err(refused)
    }
}

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
    use crate::stack::render::entries::THROUGH_TOP_LEVEL_MERGE;
    use crate::stack::render::invented::{rendered_with_invented_names, written_anew};
    use crate::stack::yaml::PARSES;

    fn rendered(text: &str) -> Result<String, Refused> {
        rendered_with_invented_names(text).expect(text)
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
    fn a_file_is_parsed_once_and_what_is_given_out_once() {
        let parses = || PARSES.with(|parses| parses.get());
        let before = parses();
        rendered("secrets: {a: {file: f}}\nservices: {s: {env_file: a.env}}\n").unwrap();
        assert_eq!(parses() - before, 2);
        rendered("services: {s: {env_file: outside}}\n").unwrap();
        assert_eq!(parses() - before, 3, "nothing to be changed");
    }

    #[test]
    fn what_is_used_elsewhere_stays_what_it_is_there() {
        for (text, expected) in [
            (
                "secrets:\n  a: &a\n    file: f\nx-a: *a   # there\nx-b: [*a]\n",
                "secrets:\n  a: &a\n    name: a-0123456789ab\n    external: true\nx-a: &a { file: f }   # there\nx-b: [*a]\n",
            ),
            (
                "secrets: {a: &a {file: &f f}}\nx-a: {<<: *a, b: *f}\n",
                "secrets: {a: &a { name: a-0123456789ab, external: true }}\nx-a: {<<: &a { file: f }, b: &f f}\n",
            ),
            (
                "secrets:\n  a:\n    file: f\n    labels: &labels {b: c, d: 'e, f'}\nservices:\n  s: {labels: *labels}\n",
                "secrets:\n  a:\n    name: a-0123456789ab\n    external: true\nservices:\n  s: {labels: &labels { b: c, d: \"e, f\" }}\n",
            ),
            (
                "secrets: &all\n  a: {file: f}\n  b: {external: true}\nconfigs: *all\nx-all: *all\n",
                "secrets: &all\n  a: { name: a-0123456789ab, external: true }\n  b: {external: true}\n\
                 configs: { <<: *all, \"a\": { name: a-0123456789ab, external: true } }\n\
                 x-all: &all { a: { file: f }, b: { external: true } }\n",
            ),
        ] {
            assert_eq!(rendered(text).unwrap(), expected);
        }
    }

    #[test]
    fn what_can_be_written_nowhere_else_is_refused() {
        let tagged = "secrets:\n  a: &a\n    file: !!str f\nx-a: *a\n";
        let refused = rendered(tagged).unwrap_err();
        assert_eq!(refused.line, 2);
        assert!(refused.reason.contains("through an anchor"));
        let each = "secrets:\n  a: &a\n    file: !!str f\n  b:\n    file: g\n  c: &c {file: !!str h}\nx-a: *a\nx-c: [*c, *c]\n";
        let compose = ComposeFile::parse(each, &|_| Ok(None)).expect("it is a stack file");
        let names = ["a", "b", "c"].map(|entry| ((ObjectKind::Secret, entry), "name"));
        let expected = Expected {
            names: names.into(),
            ..Expected::default()
        };
        let refused = render(each, &compose, &expected).unwrap_err();
        let lines: Vec<usize> = refused.iter().map(|refused| refused.line).collect();
        assert_eq!(lines, [2, 6], "{refused:?}");
        let top = "x-top: &top\n  secrets: {a: {file: f}}\n<<: *top\n";
        assert_eq!(rendered(top).unwrap_err().reason, THROUGH_TOP_LEVEL_MERGE);
        let several = "x-top: &top\n  secrets: {a: {file: f}}\n  configs: {b: {file: f}}\nx-more: &more\n  \
                       c: {env_file: c.env, command: !!str x}\n  d: {env_file: d.env, command: !!str x}\n\
                       <<: *top\nservices: *more\n";
        let compose = ComposeFile::parse(several, &|_| Ok(None)).expect("it is a stack file");
        let names = [(ObjectKind::Secret, "a"), (ObjectKind::Config, "b")];
        let env_files = ["c", "d"].map(|service| (service, vec![Some("/fd/1".to_owned())]));
        let expected = Expected {
            names: names.map(|entry| (entry, "name")).into(),
            nested_name: false,
            env_files: env_files.into(),
        };
        let refused = render(several, &compose, &expected).unwrap_err();
        let mut lines: Vec<usize> = refused.iter().map(|refused| refused.line).collect();
        lines.sort_unstable();
        assert_eq!(lines, [2, 3, 5, 6], "{refused:?}");
    }

    #[test]
    fn files_of_variables_are_handed_over_to_services_alone() {
        for (text, expected) in [
            (
                "services:\n  a:\n    env_file: a.env   # one\n  b:\n    env_file:\n      - 'b.env'\n      - outside\n",
                "services:\n  a:\n    env_file: \"/fd/a.env\"   # one\n  b:\n    env_file:\n      - \"/fd/b.env\"\n      - outside\n",
            ),
            (
                "services:\n  a:\n    env_file: &f [&g a.env, outside]\n    command: *f\n  b: {env_file: *f}\n  c: {env_file: [*g]}\n",
                "services:\n  a:\n    env_file: &f [\"/fd/a.env\", outside]\n    command: &f [a.env, outside]\n  \
                 b: {env_file: [\"/fd/a.env\", outside]}\n  c: {env_file: [\"/fd/a.env\"]}\n",
            ),
            (
                "x-a: &a {image: x, env_file: a.env}\nservices:\n  a:\n    <<: *a # there\n    command: b\n  b: *a\n  c: {<<: *a}\n",
                "x-a: &a {image: x, env_file: a.env}\nservices:\n  a:\n    <<: *a # there\n    env_file: \"/fd/a.env\"\n    command: b\n  \
                 b: { <<: *a, env_file: \"/fd/a.env\" }\n  c: {<<: *a, env_file: \"/fd/a.env\"}\n",
            ),
            (
                "x-s: &s\n  a: {env_file: a.env, deploy: {replicas: 2}}\nservices: *s\n",
                "x-s: &s\n  a: {env_file: a.env, deploy: {replicas: 2}}\nservices: { <<: *s, a: { env_file: \"/fd/a.env\", deploy: { replicas: 2 } } }\n",
            ),
            (
                "services:\n  a: &a\n    image: x\n    env_file: a.env\n  b:\n    <<: *a\n    image: y\nx-copy: *a\n",
                "services:\n  a: &a\n    image: x\n    env_file: \"/fd/a.env\"\n  b:\n    <<: &a { image: x, env_file: a.env }\n    \
                 env_file: \"/fd/a.env\"\n    image: y\nx-copy: *a\n",
            ),
        ] {
            assert_eq!(rendered(text).unwrap(), expected);
        }
    }

    /// A piece of a stack file, and its expected rendering. `KEY` stands for the entry's key.
    type WrittenAndRendered = (String, String);

    const NAME: &str = "name: KEY-0123456789ab";
    const EXTERNAL: &str = "external: true";

    fn stays(text: &str) -> WrittenAndRendered {
        (text.to_owned(), text.to_owned())
    }

    fn one_of(texts: &'static [&str]) -> impl Strategy<Value = &'static str> + Clone {
        prop::sample::select(texts)
    }

    /// A managed entry with one property in each line, written in one of the ways that people write it.
    fn block() -> impl Strategy<Value = WrittenAndRendered> {
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

    /// Lines below `secrets:`: managed entries, and others that must stay byte for byte.
    fn piece() -> impl Strategy<Value = WrittenAndRendered> {
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

    /// A section of such pieces, with a different key for each entry.
    fn section(name: &'static str) -> impl Strategy<Value = WrittenAndRendered> {
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
            let _ = rendered_with_invented_names(&text);
            let _ = written_anew(&text);
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
