//! The option that chooses a key.

use clap::Args;

use crate::failure::Failure;
use crate::format::KeyName;

/// `-k NAME`.
#[derive(Args)]
pub(crate) struct KeyOption {
    /// Use the key of this name, instead of the default one
    #[arg(short, long, value_name = "NAME")]
    key_name: Option<String>,
}

impl KeyOption {
    pub(crate) fn name(&self) -> Result<KeyName, Failure> {
        Ok(self
            .key_name
            .as_deref()
            .map(KeyName::named)
            .transpose()?
            .unwrap_or_default())
    }
}
