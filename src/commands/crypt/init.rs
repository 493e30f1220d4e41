//! `init`: a new key for this repository.

use std::path::PathBuf;

use clap::Args;

use super::unlock::UnlockArgs;
use crate::commands::Interrupt;
use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::initialise;

/// Generate a key and prepare the repository to use it
///
/// Makes a new key, keeps it in the Git directory, and configures Git to encrypt and decrypt with it. After that, list the
/// files to encrypt in .gitattributes, for example: secret/** filter=git-crypt diff=git-crypt merge=git-crypt
///
/// People with git-crypt can share the repository; git-crypt ignores `merge`.
#[derive(Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Unlock with this key file, as git-crypt 0.3 and older had it
    #[arg(hide = true, conflicts_with = "key_name", value_name = "KEYFILE")]
    key_file: Option<PathBuf>,
}

impl InitArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        if let Some(key_file) = self.key_file {
            let program = context.terminal.program();
            context.terminal.warning(format_args!(
                "`{program} init KEYFILE` is an old way to say `{program} unlock KEYFILE`"
            ));
            return UnlockArgs::of_key_file(key_file).run(context);
        }
        let repository = context.repository()?;
        let _interrupt = Interrupt::of_repository_work()?;
        let name = self.key.name()?;
        let program = context.filter_program_beside_another();
        let kept = initialise(&repository, &name, &program)?;
        context.hint_at_other_filters(&kept);
        context.terminal.info("generated a new key");
        if context.terminal.is_interactive() {
            let driver = name.driver();
            let key = name
                .name()
                .map(|name| format!(" -k {name}"))
                .unwrap_or_default();
            for step in [
                format!("say in .gitattributes what to encrypt: secret/** filter={driver} diff={driver} merge={driver}"),
                "what Git has of it already stays plaintext until `git add --renormalize .`; what was committed stays in the history: change those secrets".to_owned(),
                format!("`export-key{key} FILE`, and keep that file elsewhere: the key is in this clone alone"),
            ] {
                context.terminal.hint(step);
            }
        }
        Ok(Outcome::Done)
    }
}
