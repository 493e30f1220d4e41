//! Rewrites or renders stack files with invented names, for fuzz targets and tests.

use std::collections::HashMap;

use super::edit::Refused;
use super::expected::Expected;
use super::proof::prove;
use super::rendered_file::{NAME_BESIDE_EXTERNAL, render};
use crate::stack::compose::{ComposeFile, Definition};
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{FlowWriter, YamlDocument};

fn read(text: &str) -> Option<ComposeFile> {
    let file = ComposeFile::parse(text, &|_| Ok(Some("set".to_owned()))).ok()?;
    file.problems.is_empty().then_some(file)
}

/// Rewrites a stack file in flow style. `None` if the text is not a stack file, or can't be written in flow style.
///
/// # Panics
///
/// If the result does not mean the same as the original.
pub(crate) fn written_anew(text: &str) -> Option<String> {
    let original = read(text)?.document;
    let written = FlowWriter::new(&original).node(original.root())?;
    let document = YamlDocument::parse(&written).expect("because what is written can be read");
    let proof = prove(&original, &document, &Expected::default());
    assert!(
        proof.is_ok(),
        "it means something else than {text:?}: {written}"
    );
    Some(written)
}

/// Renders a stack file with `<key>-0123456789ab` as the name of every managed entry. Relative `env_file`s get paths in
/// `/fd`. `None` if the text is not a stack file.
pub(crate) fn rendered_with_invented_names(text: &str) -> Option<Result<String, Refused>> {
    let compose = read(text)?;
    let entries = compose.entries.iter();
    let managed = entries.filter(|entry| matches!(entry.definition, Definition::Managed(_)));
    let names: Vec<(ObjectKind, &str, String)> = managed
        .map(|entry| {
            let name = format!("{}-0123456789ab", entry.key);
            (entry.kind, entry.key.as_str(), name)
        })
        .collect();
    let names = names
        .iter()
        .map(|(kind, key, name)| ((*kind, *key), name.as_str()));
    let path = |file: &str| file.ends_with(".env").then(|| format!("/fd/{file}"));
    let path = |file: &str| path(file).filter(|_| !file.starts_with('/'));
    let mut env_files: HashMap<&str, Vec<Option<String>>> = HashMap::new();
    for service in &compose.services {
        let files = service.env_files.iter();
        let paths: Vec<_> = files.map(|named| path(&named.file)).collect();
        if paths.iter().any(Option::is_some) {
            env_files.insert(&service.name, paths);
        }
    }
    let expected = Expected {
        names: names.collect(),
        nested_name: compose
            .minor
            .is_some_and(|minor| minor < NAME_BESIDE_EXTERNAL),
        env_files,
    };
    let rendered = render(text, &compose, &expected);
    Some(rendered.map_err(|mut refused| refused.remove(0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STACKS: [&str; 2] = [
        include_str!("../../../fixtures/home-lab/monitoring/stack.yml"),
        "x-a: &a {image: x, env_file: [a.env, &b b]}\nservices:\n  one: &one\n    <<: *a\n    env_file: &f\n      - *b\n      \
         - c.env # there\n    command: *f\n  two: *one\n  three: {<<: [*one, *a], labels: *f}\nsecrets:\n  s: &s\n    file: f\n    \
         labels: &l {'k, l': 0400}\n  t: *s\n  u: {<<: *s, name: 'n-${F}'}\nconfigs: &c\n  v: {file: g}\nx-c: [*c, *s, *l, *f]\n",
    ];

    /// Pieces of YAML that can change the meaning of the text around them.
    const PIECES: [&str; 20] = [
        "&a ", "*a", "*s", "*f", "<<: *a\n", "<<: ", ": ", "\n", "\n  ", "- ", "{", "}", "[", "]",
        ", ", "#", "'", "\"", "|\n", "é",
    ];

    fn check(text: &str) {
        if let Some(written) = written_anew(text) {
            assert_eq!(written_anew(&written).as_ref(), Some(&written), "{text}");
        }
        if let Some(Ok(rendered)) = rendered_with_invented_names(text) {
            let again = rendered_with_invented_names(&rendered);
            let again = again.expect("because it is a stack file still");
            assert_eq!(again.ok().as_ref(), Some(&rendered), "{text}");
        }
    }

    #[test]
    fn the_stack_files_that_are_changed_are_good_ones() {
        for stack in STACKS {
            assert!(written_anew(stack).is_some(), "{stack}");
            assert!(
                matches!(rendered_with_invented_names(stack), Some(Ok(_))),
                "{stack}"
            );
        }
    }

    proptest! {
        #[test]
        fn stack_files_with_changes_keep_their_meaning_or_are_refused(
            stack in prop::sample::select(&STACKS[..]),
            changes in prop::collection::vec(
                (any::<prop::sample::Index>(), 0..6_usize, prop::sample::select(&PIECES[..])),
                0..4,
            ),
        ) {
            let mut text: Vec<char> = stack.chars().collect();
            for (at, removed, piece) in changes {
                let at = at.index(text.len());
                let end = (at + removed).min(text.len());
                text.splice(at..end, piece.chars());
            }
            check(&text.into_iter().collect::<String>());
        }
    }
}
