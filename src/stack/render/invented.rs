//! Stack files of any text, written anew or rendered with invented names: for fuzz targets and tests.

use std::collections::HashMap;

use super::edit::Refused;
use super::expected::Expected;
use super::proof::prove;
use super::rendered_file::{NAME_BESIDE_EXTERNAL, render};
use crate::stack::compose::{ComposeFile, Definition};
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{FlowWriter, YamlDocument};

fn read(text: &str) -> Option<ComposeFile> {
    let file = ComposeFile::parse(text, &|_| Some("set".to_owned())).ok()?;
    file.problems.is_empty().then_some(file)
}

/// The stack file in flow style. None if it is no stack file, or can't be written like that.
///
/// # Panics
///
/// If it means something else then.
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

/// Renders a stack file with `<key>-0123456789ab` as the name of every managed entry, and with relative files of variables
/// handed over from `/fd`. None if it is no stack file.
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
    Some(render(text, &compose, &expected))
}
