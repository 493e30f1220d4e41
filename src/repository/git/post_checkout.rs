//! The hook `post-checkout`, which `git checkout` runs after it has written files. People use it to set the modes of
//! decrypted files.

use std::path::Path;
use std::process::{Command, Stdio};

use super::program::{end_of, ignore_repository_variables};
use crate::repository::error::RepositoryError;
use crate::repository::opening::repository::Repository;

const POST_CHECKOUT: &str = "post-checkout";

/// Environment variable that is set while the hook runs. If it is set, no hook is run: otherwise a hook that runs
/// `unlock`, `lock` or `refresh` would call itself endlessly.
const IN_HOOK: &str = "HS_SECRETS_IN_HOOK";

impl Repository {
    /// Runs the hook in this work tree, as `git checkout -- FILES` does after writing files.
    pub(crate) fn run_post_checkout(&self) -> Result<(), RepositoryError> {
        let Some(top) = self.work_tree().top() else {
            return Ok(());
        };
        // If the user has set variables that choose the repository, the hook should see them.
        self.run_post_checkout_by(Command::new("git"), top)
    }

    /// Runs the hook in each work tree of the repository. A failure in one does not stop the others.
    pub(crate) fn run_post_checkout_everywhere(&self) -> Result<(), RepositoryError> {
        let mut ended = self.run_post_checkout();
        for linked in self.other_work_trees()?.present {
            if let Some(top) = linked.work_tree().top() {
                let mut command = Command::new("git");
                ignore_repository_variables(command.current_dir(top));
                ended = ended.and(linked.run_post_checkout_by(command, top));
            }
        }
        ended
    }

    /// Runs the hook with `git hook run`, which knows where hooks are.
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
        // The last argument of the hook is 0 for a checkout of files, 1 for a checkout of a branch.
        git.args([&head, &head, "0"]);
        // As with `git checkout`, both outputs of the hook go to stderr.
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
