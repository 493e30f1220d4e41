//! The options for the form in which a key is written.

use clap::Args;

use crate::commands::Context;
use crate::failure::Failure;
use crate::keyring::{AGE_IS_BUILT_IN, AgeError, KeyError, KeyForm};

#[derive(Args)]
pub(crate) struct KeyFormOptions {
    /// Write text, for the variables of a CI: `unlock --key-env` reads it
    #[arg(long, conflicts_with = "passphrase")]
    base64: bool,
    /// Seal the key with a passphrase, asked for on the terminal: `unlock` and `age --decrypt` open it
    #[arg(long)]
    passphrase: bool,
}

impl KeyFormOptions {
    pub(crate) fn choose(&self, context: &Context) -> Result<KeyForm, Failure> {
        Ok(match (self.base64, self.passphrase) {
            (true, _) => KeyForm::Base64,
            (_, true) if !AGE_IS_BUILT_IN => {
                return Err(KeyError::NotPacked(AgeError::LeftOut.into()).into());
            }
            (_, true) => KeyForm::Passphrase(context.terminal.new_passphrase()?),
            (false, false) => KeyForm::Raw,
        })
    }
}
