//! The settings in `.hs-secrets.toml` for a single stack. They override those for all stacks.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::settings::{Settings, SettingsError, VersionScheme};
use crate::stack::names::{ObjectKind, StackName};

/// The settings of one stack.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StackSettings {
    /// The paths of its files, from the top of the repository. Empty if they are found by convention.
    #[serde(default, deserialize_with = "paths_without_dots")]
    pub files: Vec<PathBuf>,
    /// The paths of files that set the variables in its stack files, from the top of the repository.
    #[serde(default, deserialize_with = "paths_without_dots")]
    pub variables: Vec<PathBuf>,
    /// The source of versions. `None` for the setting for all stacks.
    pub version: Option<VersionScheme>,
    /// How many digits a version has. `None` for the setting for all stacks.
    pub version_length: Option<usize>,
    /// True if its secrets of one line are published without their line ending. `None` for the setting for all stacks.
    pub strip_newline: Option<bool>,
    /// How many versions of each entry `prune` keeps besides the wanted one. `None` for the setting for all stacks.
    pub keep: Option<usize>,
    /// How many versions of each secret `prune` keeps. `None` for the number in the stack's `keep`.
    pub keep_secrets: Option<usize>,
    /// How many versions of each config `prune` keeps. `None` for the number in the stack's `keep`.
    pub keep_configs: Option<usize>,
}

/// The settings that affect the names and contents of a stack's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectSettings {
    /// The source of versions.
    pub(crate) scheme: VersionScheme,
    /// How many digits a version has. `None` if that is not fixed.
    pub(crate) version_length: Option<usize>,
    /// True if secrets of one line are published without their line ending. `None` if it is not set.
    pub(crate) strip_newline: Option<bool>,
}

impl Settings {
    /// The files of a stack that are in the settings. `None` if they are found by convention.
    pub(crate) fn files_of(&self, stack: &str) -> Option<&[PathBuf]> {
        let files = &self.stacks.get(stack)?.files;
        (!files.is_empty()).then_some(files)
    }

    /// The settings for the objects of a stack. Settings of the stack override those for all stacks.
    pub(crate) fn for_objects_of(&self, stack: &str) -> ObjectSettings {
        let own = self.stacks.get(stack);
        ObjectSettings {
            scheme: own.and_then(|own| own.version).unwrap_or(self.scheme),
            version_length: own
                .and_then(|own| own.version_length)
                .or(self.version_length),
            strip_newline: own.and_then(|own| own.strip_newline).or(self.strip_newline),
        }
    }

    /// How many versions of each entry of this kind `prune` keeps, in this stack if one is given. Settings of the stack
    /// override those for all stacks. In both, the setting for the kind overrides `keep`.
    pub(crate) fn keep_of(&self, stack: Option<&str>, kind: ObjectKind) -> Option<usize> {
        let of_kind = |secrets, configs| match kind {
            ObjectKind::Secret => secrets,
            ObjectKind::Config => configs,
        };
        let stack = stack.and_then(|name| self.stacks.get(name));
        stack
            .and_then(|stack| of_kind(stack.keep_secrets, stack.keep_configs).or(stack.keep))
            .or_else(|| of_kind(self.keep_secrets, self.keep_configs))
            .or(self.keep)
    }

    /// The stack files of all stacks in the settings.
    pub(crate) fn stack_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.stacks.values().flat_map(|stack| &stack.files)
    }

    /// The paths of files that set the variables of a stack, from the top of the repository.
    pub(crate) fn variable_files(&self, stack: &str) -> Vec<String> {
        let files = self.stacks.get(stack).map(|stack| &stack.variables);
        let files = files.into_iter().flatten();
        files.map(|file| in_slashes(file)).collect()
    }
}

/// The errors in the settings of the stack called `name`.
pub(super) fn problems_of(name: &str, stack: &StackSettings) -> Vec<SettingsError> {
    let mut problems = Vec::new();
    let name = || name.to_owned();
    if let Err(source) = StackName::parse(&name()) {
        let name = name();
        problems.push(SettingsError::StackName { name, source });
    }
    if *stack == StackSettings::default() {
        problems.push(SettingsError::EmptyStack { name: name() });
    }
    let files = stack.files.iter().chain(&stack.variables);
    let outside = files.filter(|file| !stays_inside(file));
    problems.extend(outside.map(|file| {
        let (name, file) = (name(), file.clone());
        SettingsError::OutsideFile { name, file }
    }));
    problems
}

/// The path as text, with `/` between its parts and without `.` parts.
pub(super) fn in_slashes(path: &Path) -> String {
    let path = without_dots(path);
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// Reads paths in one form, because they are compared with paths from Git's trees: `./a//b` as `a/b`.
fn paths_without_dots<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<PathBuf>, D::Error> {
    let paths = Vec::<PathBuf>::deserialize(value)?;
    Ok(paths.iter().map(|path| without_dots(path)).collect())
}

/// The path without `.` and empty parts. `..` is kept.
fn without_dots(path: &Path) -> PathBuf {
    let parts = path.components();
    parts.filter(|part| *part != Component::CurDir).collect()
}

/// True if the path, which has no `.` parts, is below the top of the repository and not the top itself.
fn stays_inside(path: &Path) -> bool {
    let mut parts = path.components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}
