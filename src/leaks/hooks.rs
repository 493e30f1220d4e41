//! The check as Git's hooks, beside hooks that are there already.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::LeakError;
use crate::repository::{FilterProgram, Repository, RepositoryError, write_script};

/// The hooks that the check takes part in.
const HOOKS: [(&str, &str); 4] = [
    ("pre-commit", "check --staged --quiet"),
    // Git runs it instead of pre-commit for a merge without conflicts.
    ("pre-merge-commit", "check --staged --quiet"),
    ("commit-msg", "check --quiet --message \"$1\""),
    ("pre-push", "check --quiet --pushed-to \"$1\""),
];

/// The line by which our hooks are told from others.
const MARK: &str = "# hs-secrets: the leak check";

/// The ending that a hook gets that was there before ours.
const BEFORE: &str = ".before-hs-secrets";

/// The folder of links by which a hook that was there before ours runs under its own name.
const OWN_NAMES: &str = "before-hs-secrets";

/// Places beside the search path where the program may lie: programs with a window have a short one.
const USUAL_PLACES: &str = "\"$HOME/.cargo/bin/hs-secrets\" \"$HOME/.local/bin/hs-secrets\" \
    /usr/local/bin/hs-secrets /opt/homebrew/bin/hs-secrets";

/// The file in Git's folder that says that the check was put into the hooks here.
const INSTALLED: &str = "hs-secrets.hooks-installed";

/// The programs that a hook tries to run, the best first.
pub(crate) struct HookPrograms {
    /// The program as it was called.
    pub called: FilterProgram,
    /// The place that it lies at.
    pub place: Option<FilterProgram>,
}

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
    programs: &HookPrograms,
) -> Result<Vec<HookOutcome>, LeakError> {
    if repository.work_tree().top().is_none() {
        return Err(LeakError::NoHooksInBare);
    }
    let folder = HookFolder::of(repository)?;
    let directory = &folder.path;
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
        write_script(&hook, folder.script(name, arguments, programs).as_bytes())?;
        folder.link_own_name(name)?;
        outcomes.push(HookOutcome { name, done });
    }
    let mark = repository.common_dir().join(INSTALLED);
    fs::write(&mark, b"").map_err(RepositoryError::file("writing", &mark))?;
    Ok(outcomes)
}

/// The hooks that the check was put into and that are another program's by now, or gone.
pub(crate) fn lost_hooks(repository: &Repository) -> Result<Vec<&'static str>, LeakError> {
    let mut lost = Vec::new();
    if repository.common_dir().join(INSTALLED).exists() {
        let folder = HookFolder::of(repository)?;
        for (name, _) in HOOKS {
            let text = read(&folder.path.join(name))?;
            lost.extend(text.is_none_or(|text| !text.contains(MARK)).then_some(name));
        }
    }
    Ok(lost)
}

/// Takes the check out of Git's hooks again.
pub(crate) fn remove_hooks(repository: &Repository) -> Result<Vec<HookOutcome>, LeakError> {
    let folder = HookFolder::of(repository)?;
    let directory = &folder.path;
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
        folder.unlink_own_name(name)?;
        outcomes.push(HookOutcome { name, done });
    }
    let mark = repository.common_dir().join(INSTALLED);
    if mark.exists() {
        fs::remove_file(&mark).map_err(RepositoryError::file("removing", &mark))?;
    }
    Ok(outcomes)
}

/// The folder of the hooks, if it lies outside of this repository, where others run them too.
pub(crate) fn hooks_are_shared(repository: &Repository) -> Result<Option<PathBuf>, LeakError> {
    let directory = HookFolder::of(repository)?.path;
    let own = is_inside(&directory, repository.common_dir())
        || repository
            .work_tree()
            .top()
            .is_some_and(|top| is_inside(&directory, top));
    Ok((!own).then_some(directory))
}

/// The folder of the hooks, if it lies among the files of the repository, where commits carry it to others.
pub(crate) fn hooks_in_work_tree(repository: &Repository) -> Result<Option<PathBuf>, LeakError> {
    let folder = HookFolder::of(repository)?;
    Ok(folder.is_in_work_tree.then_some(folder.path))
}

fn is_inside(directory: &Path, top: &Path) -> bool {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    whole(directory).starts_with(whole(top))
}

/// The folder that hooks are put into.
struct HookFolder {
    path: PathBuf,
    /// True if it is husky's folder of hooks for people, which husky runs with `sh -e` from scripts of its own.
    is_of_husky: bool,
    /// True if commits may carry it to others.
    is_in_work_tree: bool,
}

impl HookFolder {
    /// The folder that Git runs hooks from. Husky writes its own anew at each installation, and runs those in the folder above.
    fn of(repository: &Repository) -> Result<Self, LeakError> {
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

    /// A hook that runs the one before it, then the check; without the program it fails, since nothing was checked.
    fn script(&self, name: &str, arguments: &str, programs: &HookPrograms) -> String {
        // The check and the hook before it both want to read what Git pushes.
        let (input, piped) = match name {
            "pre-push" => ("input=$(cat; echo .)\n", "printf '%s' \"${input%.}\" | "),
            _ => ("", ""),
        };
        let before = if self.is_of_husky {
            HUSKY_BEFORE
        } else {
            BEFORE_OURS
        };
        let before = before.replace("INPUT ", piped);
        // A file that others get with a commit names no place of this machine.
        let own = match &programs.place {
            Some(place) if !self.is_in_work_tree => place.as_str(),
            _ => "",
        };
        let called = if self.is_in_work_tree {
            "hs-secrets"
        } else {
            programs.called.as_str()
        };
        format!(
            "#!/bin/sh\n\
             {MARK}; `hs-secrets install-hooks --remove` takes it away\n\
             {input}{before}\
             for program in {called} hs-secrets {own} {USUAL_PLACES}; do\n\
             \x20   command -v \"$program\" >/dev/null 2>&1 && break\n\
             done\n\
             if ! command -v \"$program\" >/dev/null 2>&1; then\n\
             \x20   echo \"{name}: hs-secrets is not installed here, so nothing was checked for leaks\" >&2\n\
             \x20   echo \"hint: install it, or take this hook away: $0\" >&2\n\
             \x20   exit 1\n\
             fi\n\
             {piped}\"$program\" {arguments}\n"
        )
    }

    /// Makes a link of the hook's own name to the one that was there before, for programs that go by it.
    fn link_own_name(&self, name: &str) -> Result<(), RepositoryError> {
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

    fn unlink_own_name(&self, name: &str) -> Result<(), RepositoryError> {
        let folder = self.path.join(OWN_NAMES);
        let link = folder.join(name);
        if link.is_symlink() {
            fs::remove_file(&link).map_err(RepositoryError::file("removing", &link))?;
            // It stays as long as there are others in it.
            drop(fs::remove_dir(&folder));
        }
        Ok(())
    }
}

/// Runs the hook that was there before. A shell reads it as the hook itself: scripts of some programs go by `$0`. Others run
/// by a link that has the name.
const BEFORE_OURS: &str = r#"before="$0.before-hs-secrets"
if [ -x "$before" ]; then
    read -r interpreter < "$before"
    own="${0%/*}/before-hs-secrets/${0##*/}"
    case "$interpreter" in
    '#!'*fish* | '#!'*csh*)
        INPUT "$before" "$@" || exit ;;
    '#!'*sh | '#!'*sh' '*)
        INPUT ${interpreter#??} -c '. "$0.before-hs-secrets"' "$0" "$@" || exit ;;
    *)
        [ -x "$own" ] || own=$before
        INPUT "$own" "$@" || exit ;;
    esac
fi
"#;

/// Runs the hook that was there before as husky does: scripts that are not executable and have no first line of their own run, too.
const HUSKY_BEFORE: &str = r#"if [ -f "$0.before-hs-secrets" ]; then
    INPUT sh -e -c '. "$0.before-hs-secrets"' "$0" "$@" || exit
fi
"#;

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
