//! The folder that Git runs hooks from. It may be shared with other repositories, tracked, or belong to husky.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::script::{HookPlace, HookPrograms, HookTask};
use crate::leaks::LeakError;
use crate::repository::{Repository, RepositoryError};

/// The ending that an existing hook gets when ours takes its place.
const BEFORE: &str = ".before-hs-secrets";

/// The folder of links by which such an existing hook runs under its own name.
const OWN_NAMES: &str = "before-hs-secrets";

/// The folder of the hooks, if it lies outside of this repository, so that other repositories may run them too.
pub(crate) fn hooks_are_shared(repository: &Repository) -> Result<Option<PathBuf>, LeakError> {
    let directory = HookFolder::of(repository)?.path;
    let own = is_inside(&directory, repository.common_dir())
        || repository
            .work_tree()
            .top()
            .is_some_and(|top| is_inside(&directory, top));
    Ok((!own).then_some(directory))
}

/// The folder of the hooks, if it lies in the work tree, so that commits may carry them to others.
pub(crate) fn hooks_in_work_tree(repository: &Repository) -> Result<Option<PathBuf>, LeakError> {
    let folder = HookFolder::of(repository)?;
    Ok(folder.is_in_work_tree.then_some(folder.path))
}

fn is_inside(directory: &Path, top: &Path) -> bool {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    whole(directory).starts_with(whole(top))
}

/// The folder that hooks are put into.
pub(super) struct HookFolder {
    pub(super) path: PathBuf,
    /// True if it is `.husky`, the folder for a user's hooks. Husky runs them with `sh -e` from scripts of its own.
    is_of_husky: bool,
    /// True if it lies in the work tree, so that commits may carry it to others.
    is_in_work_tree: bool,
}

impl HookFolder {
    /// Finds the folder. Husky overwrites the folder that Git runs hooks from at each installation, so the folder above is taken.
    pub(super) fn of(repository: &Repository) -> Result<Self, LeakError> {
        let path = repository.configuration().hooks_directory()?;
        let is_of_husky = path.ends_with(".husky/_");
        let path = match path.parent().filter(|_| is_of_husky) {
            Some(above) => above.to_owned(),
            None => path,
        };
        let top = repository.work_tree().top();
        let is_in_work_tree = top.is_some_and(|top| is_inside(&path, top))
            && !is_inside(&path, repository.common_dir());
        Ok(Self {
            path,
            is_of_husky,
            is_in_work_tree,
        })
    }

    /// The text of the hook for `task` in this folder.
    pub(super) fn script(&self, task: &HookTask, programs: &HookPrograms) -> String {
        let place = HookPlace {
            is_of_husky: self.is_of_husky,
            is_in_work_tree: self.is_in_work_tree,
        };
        task.script(place, programs)
    }

    /// Makes a link with the hook's own name to the hook that was there before, for programs that depend on the name.
    pub(super) fn link_own_name(&self, name: &str) -> Result<(), RepositoryError> {
        let hook = self.path.join(name);
        let link = self.path.join(OWN_NAMES).join(name);
        if self.is_of_husky || !beside(&hook).exists() || link.symlink_metadata().is_ok() {
            return Ok(());
        }
        let folder = self.path.join(OWN_NAMES);
        fs::create_dir_all(&folder).map_err(RepositoryError::file("creating", &folder))?;
        let target = format!("../{name}{BEFORE}");
        symlink(target, &link).map_err(RepositoryError::file("writing", &link))
    }

    pub(super) fn unlink_own_name(&self, name: &str) -> Result<(), RepositoryError> {
        let folder = self.path.join(OWN_NAMES);
        let link = folder.join(name);
        if link.is_symlink() {
            fs::remove_file(&link).map_err(RepositoryError::file("removing", &link))?;
            // Fails, and leaves the folder, if other links are in it.
            drop(fs::remove_dir(&folder));
        }
        Ok(())
    }
}

/// The path that an existing hook is moved to.
pub(super) fn beside(hook: &Path) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(BEFORE);
    name.into()
}

/// The text of a hook; `None` if it does not exist.
pub(super) fn read(hook: &Path) -> Result<Option<String>, RepositoryError> {
    match fs::read(hook) {
        Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RepositoryError::file("reading", hook)(error)),
    }
}
