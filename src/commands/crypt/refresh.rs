//! `refresh`: brings the work tree in line with attributes and keys.

use clap::Args;

use crate::commands::Interrupt;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::refresh;

/// Decrypt files that attributes or keys have changed for since they were checked out
///
/// Writes only files that are in the work tree exactly as Git stores them: work of your own is never touched. In the end the
/// post-checkout hook runs, as after `git checkout -- FILES`. While it runs, HS_SECRETS_IN_HOOK is set, so that a command in
/// the hook does not run it again.
#[derive(Args)]
pub(crate) struct RefreshArgs {}

impl RefreshArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        repository.work_tree().require("refresh")?;
        let _interrupt = Interrupt::of_repository_work()?;
        let refreshed = refresh(&repository)?;
        let terminal = &context.terminal;
        let mut lines = Vec::new();
        for path in &refreshed.decrypted {
            lines.extend_from_slice(&terminal.name(path.as_bytes()));
            lines.push(b'\n');
        }
        terminal.bytes(&lines)?;
        if refreshed.locked > 0 {
            let files_stay = match refreshed.locked {
                1 => "1 file stays".to_owned(),
                number => format!("{number} files stay"),
            };
            terminal.warning(format_args!(
                "{files_stay} encrypted: the key is not here, or its filter is not"
            ));
            terminal.hint("`status --short` names the keys, `unlock` takes them");
        }
        for path in &refreshed.unopened {
            terminal.warning(format_args!(
                "{path} stays encrypted: the key here does not open it"
            ));
        }
        if !refreshed.unopened.is_empty() {
            terminal.hint("after a rotation, `unlock` with the new key");
        }
        repository.run_post_checkout()?;
        Ok(if refreshed.unopened.is_empty() && refreshed.locked == 0 {
            Outcome::Done
        } else {
            Outcome::Warned
        })
    }
}
