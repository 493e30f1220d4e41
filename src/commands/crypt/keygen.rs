//! `keygen`: a new key in a file, without a repository.

use std::path::PathBuf;

use clap::Args;

use super::key_form::KeyFormOptions;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::{KeySource, export_key, generate};

/// Generate a key in a file of its own
#[derive(Args)]
pub(crate) struct KeygenArgs {
    #[command(flatten)]
    form: KeyFormOptions,
    /// Where to write it: a file that does not exist yet; `-` is standard output
    file: PathBuf,
}

impl KeygenArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let form = self.form.choose(context)?;
        export_key(
            &generate(KeyName::default())?,
            form,
            &KeySource::of_argument(&self.file),
            false,
        )?;
        context.terminal.info("generated a new key");
        Ok(Outcome::Done)
    }
}
