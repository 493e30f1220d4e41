//! `export-key`: this repository's key as a file.

use std::path::PathBuf;

use clap::Args;

use super::key_form::KeyFormOptions;
use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{KeySource, export};

/// Export this repository's key to a file
///
/// The file is readable by its owner only. Whoever has it, and its passphrase if it was given one, can read every version
/// of every encrypted file. Nothing is overwritten but an earlier export of this repository's key.
#[derive(Args)]
pub(crate) struct ExportKeyArgs {
    #[command(flatten)]
    key: KeyOption,
    #[command(flatten)]
    form: KeyFormOptions,
    /// Where to write it; `-` is standard output
    file: PathBuf,
}

impl ExportKeyArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let name = self.key.name()?;
        // Loaded first, so that a missing key is reported before a passphrase is asked for.
        repository.keys().load(&name)?;
        let form = self.form.choose(context)?;
        let to = KeySource::of_argument(&self.file);
        if let Some(unusable) = export(&repository, &name, form, &to)? {
            context.terminal.warning(format_args!(
                "the key is exported, but this clone can't remember that: {unusable}"
            ));
            context
                .terminal
                .hint("`unlock` with the exported file writes it anew");
        }
        Ok(Outcome::Done)
    }
}
