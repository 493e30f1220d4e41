//! The settings that `.hs-secrets.toml` has for one stack, which come before those for all.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::settings::{Settings, SettingsError, VersionScheme};
use crate::stack::names::{ObjectKind, StackName};

/// The settings of one stack.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StackSettings {
    /// Its files, if they are not found by convention, from the top of the repository.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// The files that give values to the variables in its files, from the top of the repository.
    #[serde(default)]
    pub variables: Vec<PathBuf>,
    /// The source of versions; none for that of all stacks.
    pub version: Option<VersionScheme>,
    /// How many digits a version has; none for what all stacks have.
    pub version_length: Option<usize>,
    /// True if its secrets of one line are published without the line's end; none for what all stacks have.
    pub strip_newline: Option<bool>,
    /// How many versions of each of its entries a prune keeps beside the one in use; none for what all stacks have.
    pub keep: Option<usize>,
    /// How many of each of its secrets; none for what the stack's `keep` says.
    pub keep_secrets: Option<usize>,
    /// How many of each of its configs; none for what the stack's `keep` says.
    pub keep_configs: Option<usize>,
}

/// The settings that decide about a stack's objects: their names, their contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectSettings {
    /// The source of versions.
    pub(crate) scheme: VersionScheme,
    /// How many digits a version has, if that is fixed.
    pub(crate) version_length: Option<usize>,
    /// True if secrets of one line are published without the line's end; none if that is not decided.
    pub(crate) strip_newline: Option<bool>,
}

impl Settings {
    /// The files of a stack that the settings name; none if they are found by convention.
    pub(crate) fn files_of(&self, stack: &str) -> Option<&[PathBuf]> {
        let files = &self.stacks.get(stack)?.files;
        (!files.is_empty()).then_some(files)
    }

    /// The settings for the objects of a stack. Those of the stack itself come first.
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

    /// How many versions of each entry of this kind a prune keeps, in a stack of this name if there is one. The settings of a
    /// stack come first, and in either place that of the kind.
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

    /// All files of stacks that the settings name.
    pub(crate) fn stack_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.stacks.values().flat_map(|stack| &stack.files)
    }

    /// The files that give values to the variables of a stack, from the top of the repository.
    pub(crate) fn variable_files(&self, stack: &str) -> Vec<String> {
        let files = self.stacks.get(stack).map(|stack| &stack.variables);
        let files = files.into_iter().flatten();
        files.map(|file| in_slashes(file)).collect()
    }
}

/// The reasons why the settings of the stack of this name can't be used.
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

/// A path with `/` between its parts.
pub(super) fn in_slashes(path: &Path) -> String {
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn stays_inside(path: &Path) -> bool {
    use std::path::Component;
    let mut components = path.components();
    components.all(|component| matches!(component, Component::Normal(_) | Component::CurDir))
}
