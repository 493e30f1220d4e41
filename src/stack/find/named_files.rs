//! Finds the files that a stack file names, even if the stack file has other errors. The leak check needs this for stacks
//! that are only staged, unfinished, or meant for another tool.

use crate::stack::yaml::{DocumentError, NodeId, YamlDocument};

/// How a stack uses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileUse {
    /// An entry under `secrets:`.
    Secret,
    /// An entry under `configs:`.
    Config,
    /// A service's `env_file:`.
    EnvironmentFile,
}

/// A file named in a stack file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedFile {
    pub usage: FileUse,
    /// The path as written, relative to the stack file.
    pub path: String,
    /// The line that names it, from 1.
    pub line: usize,
}

/// The files that the stack file `text` names.
pub(crate) fn named_files(text: &str) -> Result<Vec<NamedFile>, DocumentError> {
    let document = YamlDocument::parse(text)?;
    let mut files = Vec::new();
    for section in document.pairs(document.root())?.unwrap_or_default() {
        let usage = match document.key(section.key) {
            "secrets" => FileUse::Secret,
            "configs" => FileUse::Config,
            "services" => FileUse::EnvironmentFile,
            _ => continue,
        };
        for entry in document.pairs(section.value)?.unwrap_or_default() {
            for property in document.pairs(entry.value)?.unwrap_or_default() {
                let nodes: Vec<NodeId> = match (usage, document.key(property.key)) {
                    (FileUse::Secret | FileUse::Config, "file") => vec![property.value],
                    (FileUse::EnvironmentFile, "env_file") => {
                        match document.items(property.value)? {
                            Some(items) => items.to_vec(),
                            None => vec![property.value],
                        }
                    }
                    _ => continue,
                };
                for node in nodes {
                    let path = path_in(&document, node)?;
                    files.extend(path.map(|path| NamedFile {
                        usage,
                        path,
                        line: document.line(node),
                    }));
                }
            }
        }
    }
    Ok(files)
}

/// The path that an item of a list gives: the item itself, or the value of its `path:`.
fn path_in(document: &YamlDocument, node: NodeId) -> Result<Option<String>, DocumentError> {
    if let Some((path, _)) = document.scalar(node) {
        return Ok(Some(path.to_owned()));
    }
    let pairs = document.pairs(node)?.unwrap_or_default();
    let path = pairs.iter().find(|pair| document.key(pair.key) == "path");
    Ok(path
        .and_then(|pair| document.scalar(pair.value))
        .map(|(path, _)| path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_every_notation() {
        let text = "\
services:
  web:
    env_file: web.env
  api:
    env_file:
      - api.env
      - path: more.env
configs:
  nginx: { name: 'x-${X}', file: config/nginx }
secrets:
  db:
    file: ./secret/db
  other:
    external: true
";
        let found: Vec<_> = named_files(text)
            .expect("YAML")
            .into_iter()
            .map(|file| (file.usage, file.path, file.line))
            .collect();
        assert_eq!(
            found,
            [
                (FileUse::EnvironmentFile, "web.env".into(), 3),
                (FileUse::EnvironmentFile, "api.env".into(), 6),
                (FileUse::EnvironmentFile, "more.env".into(), 7),
                (FileUse::Config, "config/nginx".into(), 9),
                (FileUse::Secret, "./secret/db".into(), 12),
            ]
        );
    }

    #[test]
    fn what_is_no_stack_names_nothing() {
        assert_eq!(named_files("- a\n- b\n").expect("YAML"), []);
        assert_eq!(
            named_files("services: [a, b]\nsecrets: x\n").expect("YAML"),
            []
        );
        assert!(named_files("services: [").is_err());
    }
}
