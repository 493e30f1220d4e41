//! `export-key`: this repository's key as a file.

use std::path::PathBuf;

use clap::Args;

use super::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{KeySource, export_key};

/// Export this repository's key to a file
///
/// The file is readable by its owner only. Whoever has it can read every version of every encrypted file.
#[derive(Args)]
pub(super) struct ExportKeyArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Where to write it; `-` is standard output
    file: PathBuf,
}

impl ExportKeyArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let key = context.repository()?.load_key(&self.key.name()?)?;
        export_key(&key, &KeySource::of_argument(&self.file), true)?;
        Ok(Outcome::Done)
    }
}
