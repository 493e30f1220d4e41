//! The hook that `git checkout` runs after it has written files: people set the modes of secrets with it.

use std::path::Path;
use std::process::{Command, Stdio};

use super::program::{end_of, leave_out_choices};
use crate::repository::error::RepositoryError;
use crate::repository::opening::repository::Repository;

/// The hook's name.
const POST_CHECKOUT: &str = "post-checkout";

/// The variable that is set for the hook while it runs. Where it is set, no hook is run: a hook that unlocks, locks or
/// refreshes would otherwise call itself without end.
const IN_HOOK: &str = "HS_SECRETS_IN_HOOK";

impl Repository {
    /// Runs the hook in the work tree in hand, as `git checkout -- FILES` does after its work.
    pub(crate) fn run_post_checkout(&self) -> Result<(), RepositoryError> {
        let Some(top) = self.work_tree().top() else {
            return Ok(());
        };
        // The hook is to see the variables that choose the repository, if its user has set them.
        self.run_post_checkout_by(Command::new("git"), top)
    }

    /// Runs the hook in each work tree of the repository. If it fails in one, it runs in the others all the same.
    pub(crate) fn run_post_checkout_everywhere(&self) -> Result<(), RepositoryError> {
        let mut ended = self.run_post_checkout();
        for linked in self.other_work_trees()?.present {
            if let Some(top) = linked.work_tree().top() {
                let mut command = Command::new("git");
                leave_out_choices(command.current_dir(top));
                ended = ended.and(linked.run_post_checkout_by(command, top));
            }
        }
        ended
    }

    /// `git` finds the hook itself: in the folder of hooks, where `core.hooksPath` says, or wherever a later version looks.
    fn run_post_checkout_by(&self, mut git: Command, top: &Path) -> Result<(), RepositoryError> {
        if std::env::var_os(IN_HOOK).is_some() {
            return Ok(());
        }
        let head = self.objects().head_name()?;
        git.env(IN_HOOK, "1");
        for variable in &self.hidden_variables {
            git.env_remove(variable);
        }
        git.args(["hook", "run", "--ignore-missing", POST_CHECKOUT, "--"]);
        // The last word says that files were checked out, and no branch.
        git.args([&head, &head, "0"]);
        // Both of its outputs come on standard error, as with `git checkout`.
        git.stdin(Stdio::null()).stdout(Stdio::null());
        let status = end_of("hook run", git.stderr(Stdio::inherit()))?;
        if status.success() {
            return Ok(());
        }
        Err(RepositoryError::Hook {
            name: POST_CHECKOUT,
            work_tree: top.to_owned(),
            status,
        })
    }
}
