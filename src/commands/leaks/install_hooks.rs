//! `install-hooks`: the leak check in Git's hooks.

use clap::Args;

use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::leaks::{
    HookOutcome, HookPrograms, HookStep, hooks_are_shared, hooks_in_work_tree, install_hooks,
    remove_hooks,
};
use crate::repository::FilterProgram;

/// Let Git run the leak check before each commit and push
///
/// Adds `check` to Git's hooks, in the folder that Git uses, or in husky's own. Hooks that are there already run first, under their
/// own names. A commit, a merge, a `git am` or a push that would leak something is stopped. Git runs no hook before it makes the
/// commits of a rebase, a cherry-pick or a revert: what is wrong with these is reported afterwards, and the push is stopped. The
/// hooks work in a locked clone as well: a secret that was added there without a filter is not committed.
#[derive(Args)]
pub(in crate::commands) struct InstallHooksArgs {
    /// Take the check out of the hooks again, and put back what was there before
    #[arg(long)]
    remove: bool,
    /// Change hooks outside of this repository: every repository that shares them is checked from then on
    #[arg(long)]
    shared: bool,
}

impl InstallHooksArgs {
    pub(in crate::commands) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        if let Some(directory) = hooks_are_shared(&repository)?.filter(|_| !self.shared) {
            return Err(Failure::new(format_args!(
                "core.hooksPath leads to {}, outside of this repository",
                directory.display()
            ))
            .hint("--shared changes the hooks there, for all repositories that use them"));
        }
        let outcomes = if self.remove {
            remove_hooks(&repository)?
        } else {
            let place = std::env::current_exe().ok();
            let programs = HookPrograms {
                called: context.filter_program(),
                place: place.map(|place| FilterProgram::new(&place, context.search_path())),
            };
            install_hooks(&repository, &programs)?
        };
        for HookOutcome { name, done } in outcomes {
            context
                .terminal
                .line(format_args!("{name}: {}", words(done)))?;
        }
        if let Some(directory) = hooks_in_work_tree(&repository)? {
            context.terminal.warning(format_args!(
                "the hooks in {} are files of this repository: commit them, and whoever has them needs hs-secrets",
                directory.display()
            ));
        }
        Ok(Outcome::Done)
    }
}

fn words(step: HookStep) -> &'static str {
    match step {
        HookStep::Installed => "installed",
        HookStep::InstalledBeside => "installed; the hook that was there runs first",
        HookStep::Renewed => "installed already, now as this version writes it",
        HookStep::Removed => "removed",
        HookStep::RemovedAndRestored => "removed; the hook that was there before is back",
        HookStep::LeftAlone => "not ours, left alone",
    }
}
