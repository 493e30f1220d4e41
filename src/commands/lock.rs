//! `lock`: encrypted files in the work tree, and no key.

use clap::Args;

use super::interrupt::Interrupt;
use super::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::lock;

/// Remove the key from this repository and encrypt its files in the work tree
#[derive(Args)]
pub(super) struct LockArgs {
    /// Lock all keys, instead of just the default one
    #[arg(short, long, conflicts_with = "key_name")]
    all: bool,
    #[command(flatten)]
    key: KeyOption,
    /// Lock even where encrypted files are modified: their changes are lost
    #[arg(short, long)]
    force: bool,
}

impl LockArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        // An interrupt ends the git that is running; what it leaves undone is undone or said.
        let _interrupt = Interrupt::watch()?;
        let names = match self.all {
            true => {
                let mut names = repository.key_names()?;
                names.extend(repository.configured_drivers()?);
                names.sort();
                names.dedup();
                names
            }
            false => vec![self.key.name()?],
        };
        lock(&repository, &names, self.force)?;
        Ok(Outcome::Done)
    }
}
