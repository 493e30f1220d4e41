//! The check as Git's hooks, beside hooks that are there already.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::LeakError;
use crate::repository::{FilterProgram, Repository, RepositoryError, write_script};

/// The hooks that the check takes part in.
const HOOKS: [(&str, &str); 3] = [
    ("pre-commit", "check --staged --quiet"),
    ("commit-msg", "check --quiet --message \"$1\""),
    ("pre-push", "check --quiet --pushed-to \"$1\""),
];

/// The line by which our hooks are told from others.
const MARK: &str = "# hs-secrets: the leak check";

/// The ending that a hook gets that was there before ours.
const BEFORE: &str = ".before-hs-secrets";

/// The outcome for one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HookOutcome {
    /// The hook's name.
    pub name: &'static str,
    /// The step that was taken.
    pub done: HookStep,
}

/// A step that can be taken with a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HookStep {
    /// Put into place.
    Installed,
    /// Put into place; the hook that was there runs first.
    InstalledBeside,
    /// There already, and now as this version writes it.
    Renewed,
    /// Taken away.
    Removed,
    /// Taken away; the hook that was there before is back.
    RemovedAndRestored,
    /// Another program's, or none: left as it is.
    LeftAlone,
}

/// Puts the check into Git's hooks.
pub(crate) fn install_hooks(
    repository: &Repository,
    program: &FilterProgram,
) -> Result<Vec<HookOutcome>, LeakError> {
    let directory = repository.configuration().hooks_directory()?;
    let mut outcomes = Vec::new();
    for (name, arguments) in HOOKS {
        let hook = directory.join(name);
        let before = beside(&hook);
        let done = match read(&hook)? {
            None => HookStep::Installed,
            Some(text) if text.contains(MARK) => HookStep::Renewed,
            Some(_) => {
                if before.exists() {
                    return Err(LeakError::HookInTheWay { path: before });
                }
                fs::rename(&hook, &before).map_err(RepositoryError::file("moving aside", &hook))?;
                HookStep::InstalledBeside
            }
        };
        write_script(&hook, script(name, arguments, program).as_bytes())?;
        outcomes.push(HookOutcome { name, done });
    }
    Ok(outcomes)
}

/// Takes the check out of Git's hooks again.
pub(crate) fn remove_hooks(repository: &Repository) -> Result<Vec<HookOutcome>, LeakError> {
    let directory = repository.configuration().hooks_directory()?;
    let mut outcomes = Vec::new();
    for (name, _) in HOOKS {
        let hook = directory.join(name);
        let before = beside(&hook);
        let ours = read(&hook)?.is_some_and(|text| text.contains(MARK));
        let done = if !ours {
            HookStep::LeftAlone
        } else if before.exists() {
            fs::rename(&before, &hook).map_err(RepositoryError::file("moving back", &before))?;
            HookStep::RemovedAndRestored
        } else {
            fs::remove_file(&hook).map_err(RepositoryError::file("removing", &hook))?;
            HookStep::Removed
        };
        outcomes.push(HookOutcome { name, done });
    }
    Ok(outcomes)
}

/// The folder of the hooks, if it lies outside of this repository, where others run them too.
pub(crate) fn hooks_are_shared(repository: &Repository) -> Result<Option<PathBuf>, LeakError> {
    let directory = repository.configuration().hooks_directory()?;
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let inside = |top: &Path| whole(&directory).starts_with(whole(top));
    let own = inside(repository.common_dir()) || repository.work_tree().top().is_some_and(inside);
    Ok((!own).then_some(directory))
}

/// A hook that runs the one before it, then the check; without the program it fails, since nothing was checked.
fn script(name: &str, arguments: &str, program: &FilterProgram) -> String {
    let program = program.as_str();
    // The check and the hook before it both want to read what Git pushes.
    let (input, before_input, check_input) = match name {
        "pre-push" => (
            "input=$(cat; echo .)\n",
            "printf '%s' \"${input%.}\" | ",
            "printf '%s' \"${input%.}\" | ",
        ),
        _ => ("", "", ""),
    };
    format!(
        "#!/bin/sh\n\
         {MARK}; `hs-secrets install-hooks --remove` takes it away\n\
         {input}\
         before=\"$0{BEFORE}\"\n\
         if [ -x \"$before\" ]; then\n\
         \x20   {before_input}\"$before\" \"$@\" || exit\n\
         fi\n\
         program={program}\n\
         command -v \"$program\" >/dev/null 2>&1 || program=hs-secrets\n\
         if ! command -v \"$program\" >/dev/null 2>&1; then\n\
         \x20   echo \"{name}: hs-secrets is not installed here, so nothing was checked for leaks\" >&2\n\
         \x20   echo \"hint: install it, or take this hook away: $0\" >&2\n\
         \x20   exit 1\n\
         fi\n\
         {check_input}\"$program\" {arguments}\n"
    )
}

fn beside(hook: &Path) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(BEFORE);
    name.into()
}

fn read(hook: &Path) -> Result<Option<String>, RepositoryError> {
    match fs::read(hook) {
        Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RepositoryError::file("reading", hook)(error)),
    }
}
