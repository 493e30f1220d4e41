//! `migrate-key`: writes a legacy key file in today's format.

use std::path::PathBuf;

use clap::Args;

use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{KeyForm, KeySource, export_key, read_legacy_key};

/// Migrate a key file of git-crypt 0.3 and older to today's format
#[derive(Args)]
pub(crate) struct MigrateKeyArgs {
    /// The legacy key file; `-` is standard input
    old: PathBuf,
    /// Where to write the migrated key; `-` is standard output
    new: PathBuf,
}

impl MigrateKeyArgs {
    pub(crate) fn run(self, _context: &Context) -> Result<Outcome, Failure> {
        let key = read_legacy_key(&KeySource::of_argument(&self.old))?;
        export_key(
            &key,
            KeyForm::Raw,
            &KeySource::of_argument(&self.new),
            false,
        )?;
        Ok(Outcome::Done)
    }
}
