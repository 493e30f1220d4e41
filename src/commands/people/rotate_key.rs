//! `rotate-key`: a new key, and everything encrypted again.

use clap::Args;

use crate::commands::{Context, Interrupt, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{
    Gpg, Rotated, RotationError, abort_rotation, commit_rotation, continue_rotation, start_rotation,
};
use crate::repository::Repository;

/// Make a new key, encrypt every file again with it and wrap it for all collaborators
///
/// All of it is staged, for you to commit. Remove those who are to lose access first. The history stays readable with
/// the old key, which clones keep that had it: what the files hold must be changed, so they are listed. Wherever else the
/// repository is unlocked: `git fetch`, `unlock` with the new key, `git pull`; with git-crypt itself: `lock`, `git pull`,
/// `unlock`, in this order.
#[derive(Args)]
pub(crate) struct RotateKeyArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Commit as well
    #[arg(long)]
    commit: bool,
    /// Finish a rotation that was interrupted
    #[arg(long = "continue", conflicts_with = "abort")]
    go_on: bool,
    /// Bring the old key back, and what was encrypted with it
    #[arg(long, conflicts_with = "commit")]
    abort: bool,
}

impl RotateKeyArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        repository.require_work_tree("rotating a key")?;
        let name = self.key.name()?;
        let _interrupt = Interrupt::of_repository_work()?;
        if self.abort {
            abort_rotation(&repository, &name)?;
            context.terminal.say("the old key is back");
            return Ok(Outcome::Done);
        }
        let gpg = Gpg::of(&repository)?;
        let rotated = match self.go_on {
            true => continue_rotation(&repository, &name, &gpg)?,
            false => {
                if self.commit && repository.has_staged_changes()? {
                    return Err(RotationError::Staged.into());
                }
                start_rotation(&repository, &name, &gpg)?
            }
        };
        if self.commit {
            let of_key = name
                .name()
                .map(|name| format!(" {name}"))
                .unwrap_or_default();
            let message = format!(
                "Rotate the git-crypt key{of_key}\n\nEvery file is encrypted again; the history stays readable with the old key."
            );
            commit_rotation(&repository, &name, &message)?;
        }
        self.report(context, &repository, &rotated)?;
        Ok(Outcome::Done)
    }

    fn report(
        &self,
        context: &Context,
        repository: &Repository,
        rotated: &Rotated,
    ) -> Result<(), Failure> {
        let terminal = &context.terminal;
        let mut lines = Vec::new();
        for path in &rotated.files {
            lines.extend_from_slice(&terminal.name(path.as_bytes()));
            lines.push(b'\n');
        }
        terminal.bytes(&lines)?;
        let number = rotated.files.len();
        let files = if number == 1 { "file" } else { "files" };
        terminal.say(format_args!("encrypted {number} {files} with a new key"));
        for collaborator in &rotated.collaborators {
            terminal.say(format_args!("wrapped the new key for {collaborator}"));
        }
        terminal.warning(
            "the history stays readable with the old key: change the secrets in these files",
        );
        if !self.commit && repository.has_staged_changes()? {
            terminal
                .hint("all of it is staged: `git commit`, or undo it with `rotate-key --abort`");
        }
        terminal.hint(
            "wherever else the repository is unlocked: `git fetch`, `unlock` with the new key, `git pull`; with git-crypt itself: `lock`, `git pull`, `unlock`",
        );
        if rotated.collaborators.is_empty() {
            terminal.hint("copies of the old key don't open what comes: `export-key FILE` again");
        }
        Ok(())
    }
}
