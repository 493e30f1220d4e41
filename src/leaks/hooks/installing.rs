//! Puts the check into Git's hooks, and takes it out again.

use std::fs;

use super::folder::{HookFolder, beside, read};
use super::script::{HOOKS, HookPrograms, MARK};
use crate::leaks::LeakError;
use crate::repository::{Repository, RepositoryError, write_script};

/// The file in the Git folder which records that the check was installed into the hooks.
const INSTALLED: &str = "hs-secrets.hooks-installed";

/// The outcome for one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HookOutcome {
    /// The hook's name.
    pub name: &'static str,
    /// The step that was taken.
    pub done: HookStep,
}

/// The change that was made to a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HookStep {
    /// Installed.
    Installed,
    /// Installed; the hook that was there before runs first.
    InstalledBeside,
    /// Already installed, and now written anew by this version.
    Renewed,
    /// Removed.
    Removed,
    /// Removed; the hook that was there before is back.
    RemovedAndRestored,
    /// Belongs to another program, or does not exist: left as it is.
    LeftAlone,
}

/// Puts the check into Git's hooks.
pub(crate) fn install_hooks(
    repository: &Repository,
    programs: &HookPrograms,
) -> Result<Vec<HookOutcome>, LeakError> {
    if repository.work_tree().top().is_none() {
        return Err(LeakError::NoHooksInBare);
    }
    let folder = HookFolder::of(repository)?;
    let directory = &folder.path;
    let mut outcomes = Vec::new();
    for task in &HOOKS {
        let name = task.name;
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
        write_script(&hook, folder.script(task, programs).as_bytes())?;
        folder.link_own_name(name)?;
        outcomes.push(HookOutcome { name, done });
    }
    let mark = repository.common_dir().join(INSTALLED);
    fs::write(&mark, b"").map_err(RepositoryError::file("writing", &mark))?;
    Ok(outcomes)
}

/// The hooks that run the check.
pub(crate) fn hooks_with_check(repository: &Repository) -> Result<Vec<&'static str>, LeakError> {
    let folder = HookFolder::of(repository)?;
    let mut names = Vec::new();
    for task in &HOOKS {
        let text = read(&folder.path.join(task.name))?;
        names.extend(text.filter(|text| text.contains(MARK)).map(|_| task.name));
    }
    Ok(names)
}

/// The hooks that had the check and have lost it: they were replaced by another program's hook, or are gone.
pub(crate) fn lost_hooks(repository: &Repository) -> Result<Vec<&'static str>, LeakError> {
    let mut lost = Vec::new();
    if repository.common_dir().join(INSTALLED).exists() {
        let running = hooks_with_check(repository)?;
        lost.extend(HOOKS.iter().map(|task| task.name));
        lost.retain(|name| !running.contains(name));
    }
    Ok(lost)
}

/// Takes the check out of Git's hooks again.
pub(crate) fn remove_hooks(repository: &Repository) -> Result<Vec<HookOutcome>, LeakError> {
    let folder = HookFolder::of(repository)?;
    let directory = &folder.path;
    let mut outcomes = Vec::new();
    for task in &HOOKS {
        let name = task.name;
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
        folder.unlink_own_name(name)?;
        outcomes.push(HookOutcome { name, done });
    }
    let mark = repository.common_dir().join(INSTALLED);
    if mark.exists() {
        fs::remove_file(&mark).map_err(RepositoryError::file("removing", &mark))?;
    }
    Ok(outcomes)
}
