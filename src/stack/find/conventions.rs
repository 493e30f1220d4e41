//! The conventions for stack files: their paths, their names, and how to recognise their text.

use std::collections::{BTreeMap, BTreeSet};

use crate::stack::find::settings::Settings;
use crate::stack::find::stack_settings::in_slashes;

/// Names that a stack file may have in its stack's own folder, in order of preference.
const FILE_NAMES: [&str; 6] = [
    "stack.yml",
    "stack.yaml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
];

/// The extensions of YAML files.
const EXTENSIONS: [&str; 2] = ["yml", "yaml"];

/// Each YAML file in this folder is a stack.
pub(crate) const STACKS_FOLDER: &str = "stacks";

/// Folders that contain folders of stacks. A stack in them is found only if it is asked for by name, since people also keep
/// ordinary compose files there.
const FOLDERS_OF_FOLDERS: [&str; 2] = [STACKS_FOLDER, "apps"];

/// The convention that makes a path the path of a stack file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StackPath<'path> {
    /// `NAME/stack.yml`: the stack of this folder.
    InOwnFolder(&'path str),
    /// `stacks/NAME.yml`: the stack of this name.
    InStacksFolder(&'path str),
    /// `NAME.yml` at the top: the stack of this name, if the file has services.
    AtTop(&'path str),
    /// `stack.yml` at the top: the stack with the name of the repository.
    OfRepository,
    /// A file in a deeper folder, with the name of a stack file. It is a stack only if it is asked for by name.
    FurtherDown,
}

impl<'path> StackPath<'path> {
    /// The convention that `path` (from the top of the repository) follows.
    pub(crate) fn of(path: &'path str) -> Option<Self> {
        let (folder, name) = match path.rsplit_once('/') {
            Some((folder, name)) => (Some(folder), name),
            None => (None, path),
        };
        let has_stack_name = FILE_NAMES.contains(&name);
        match folder {
            None if has_stack_name => Some(Self::OfRepository),
            None => yaml_stem(name).map(Self::AtTop),
            Some(STACKS_FOLDER) if !has_stack_name => yaml_stem(name).map(Self::InStacksFolder),
            Some(_) if !has_stack_name => None,
            Some(folder) if folder.contains('/') || folder.starts_with('.') => {
                Some(Self::FurtherDown)
            }
            Some(folder) => Some(Self::InOwnFolder(folder)),
        }
    }
}

/// Decides which paths of a repository may be stack files: those in its settings, and those that follow a convention.
pub(crate) struct StackPaths {
    /// The files that the settings name. Each has the first file of every stack that it belongs to.
    in_settings: BTreeMap<String, BTreeSet<String>>,
}

impl StackPaths {
    /// The paths for a repository with these settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        let mut in_settings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for stack in settings.stacks.values() {
            let mut files = stack.files.iter().map(|file| in_slashes(file));
            let Some(first) = files.next() else {
                continue;
            };
            for file in std::iter::once(first.clone()).chain(files) {
                in_settings.entry(file).or_default().insert(first.clone());
            }
        }
        Self { in_settings }
    }

    /// The first file of each stack that the stack file at `path` belongs to. Relative paths in the file start from the
    /// folder of that first file.
    pub(crate) fn first_files(&self, path: &str) -> Vec<String> {
        match self.in_settings.get(path) {
            Some(first) => first.iter().cloned().collect(),
            None => vec![path.to_owned()],
        }
    }

    /// True if there may be a stack file at `path`. This includes files that people pass to Docker themselves, such as
    /// `web/docker-compose.prod.yml`. [`may_be_stack_file`] then checks the text.
    pub(crate) fn include(&self, path: &str) -> bool {
        StackPath::of(path).is_some()
            || self.in_settings.contains_key(path)
            || has_name_of_stack(path)
    }
}

/// Every path that may hold the file of the stack `name`, in order: the first one that exists is used. `is_repository` is
/// true if the repository has the name of the stack.
pub(crate) fn candidates(name: &str, is_repository: bool) -> Vec<String> {
    let mut candidates: Vec<String> = FILE_NAMES
        .iter()
        .map(|file| format!("{name}/{file}"))
        .collect();
    for folder in [&format!("{STACKS_FOLDER}/"), ""] {
        candidates.extend(EXTENSIONS.map(|extension| format!("{folder}{name}.{extension}")));
    }
    if is_repository {
        candidates.extend(FILE_NAMES.map(str::to_owned));
    }
    for folder in FOLDERS_OF_FOLDERS {
        let own = FILE_NAMES.map(|file| format!("{folder}/{name}/{file}"));
        candidates.extend(own);
    }
    candidates
}

/// True if the name of the YAML file at `path` contains "compose" or "stack".
fn has_name_of_stack(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = yaml_stem(name).map(str::to_ascii_lowercase);
    stem.is_some_and(|stem| ["compose", "stack"].iter().any(|word| stem.contains(word)))
}

/// True if the file at `path` has the extension of a YAML file.
pub(crate) fn is_yaml(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    yaml_stem(name).is_some()
}

/// True if `text` may be a stack file: one of a stack file's sections begins in the first column.
pub(crate) fn may_be_stack_file(text: &str) -> bool {
    has_section(text, &["services:", "secrets:", "configs:"])
}

/// True if `text` has services. A YAML file at the top of a repository is taken for a stack only if it has services.
pub(crate) fn has_services(text: &str) -> bool {
    has_section(text, &["services:"])
}

/// Resolves the path `written` in the stack file at `stack_file` to a path from the top of the repository. `..` is kept,
/// because the file system must resolve it (folders may be links). An absolute path stays absolute, and a path in the home
/// folder becomes `/~/…`.
pub(crate) fn beside(stack_file: &str, written: &str) -> String {
    if written.starts_with('/') || written == "~" || written.starts_with("~/") {
        return format!("/{}", written.trim_start_matches('/'));
    }
    let folder = stack_file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let parts = folder.split('/').chain(written.split('/'));
    let parts: Vec<&str> = parts.filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// The path with `..` resolved, on the assumption that no folder in it is a symbolic link. `None` if the path leaves the
/// repository.
pub(crate) fn without_parents(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn has_section(text: &str, sections: &[&str]) -> bool {
    text.lines()
        .any(|line| sections.iter().any(|section| line.starts_with(section)))
}

fn yaml_stem(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && EXTENSIONS.contains(&extension)).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_a_convention_or_none() {
        for (path, expected) in [
            ("web/stack.yml", Some(StackPath::InOwnFolder("web"))),
            ("web/compose.yaml", Some(StackPath::InOwnFolder("web"))),
            ("stacks/stack.yml", Some(StackPath::InOwnFolder("stacks"))),
            ("stacks/web.yml", Some(StackPath::InStacksFolder("web"))),
            ("web.yaml", Some(StackPath::AtTop("web"))),
            ("docker-compose.yml", Some(StackPath::OfRepository)),
            ("apps/web/stack.yml", Some(StackPath::FurtherDown)),
            (".github/stack.yml", Some(StackPath::FurtherDown)),
            ("web/other.yml", None),
            ("stacks/web/other.yml", None),
            (".yml", None),
            ("web.toml", None),
        ] {
            assert_eq!(StackPath::of(path), expected, "{path}");
        }
    }

    #[test]
    fn every_candidate_of_a_stack_is_known_as_its_file() {
        for candidate in candidates("web", false) {
            let found = StackPath::of(&candidate);
            let names = [
                StackPath::FurtherDown,
                StackPath::InOwnFolder("web"),
                StackPath::InStacksFolder("web"),
                StackPath::AtTop("web"),
            ];
            assert!(
                found.is_some_and(|found| names.contains(&found)),
                "{candidate}"
            );
        }
        let known = candidates("web", false);
        let more = candidates("web", true).into_iter();
        for candidate in more.filter(|candidate| !known.contains(candidate)) {
            assert_eq!(StackPath::of(&candidate), Some(StackPath::OfRepository));
        }
    }

    #[test]
    fn the_settings_name_further_files() {
        let settings = Settings::parse("[stacks.a]\nfiles = ['deep/down/a.yml']\n").expect("valid");
        let paths = StackPaths::of(&settings);
        assert!(paths.include("deep/down/a.yml"));
        assert!(!paths.include("deep/down/b.yml"));
        assert!(paths.include("deep/down/stack.yml"));
    }

    #[test]
    fn files_that_people_hand_to_docker_themselves_may_be_stack_files() {
        let paths = StackPaths::of(&Settings::default());
        for (path, is_one) in [
            ("web/docker-compose.prod.yml", true),
            ("deep/down/Compose.override.yaml", true),
            ("deploy/web-stack.yml", true),
            ("web/docker-compose.prod.json", false),
            ("compose/values.yml", false),
        ] {
            assert_eq!(paths.include(path), is_one, "{path}");
        }
    }

    #[test]
    fn written_paths_are_relative_to_the_stack_file() {
        let from_top = |stack: &str, written: &str| without_parents(&beside(stack, written));
        assert_eq!(
            from_top("web/stack.yml", "./config/a").as_deref(),
            Some("web/config/a")
        );
        assert_eq!(
            from_top("stack.yml", "config/a").as_deref(),
            Some("config/a")
        );
        assert_eq!(
            from_top("web/stack.yml", "../shared/a").as_deref(),
            Some("shared/a")
        );
        assert_eq!(beside("web/stack.yml", "../shared/a"), "web/../shared/a");
        for outside in ["../a", "/etc/a", "~/a", "~"] {
            assert_eq!(from_top("stack.yml", outside), None, "{outside}");
        }
    }
}
