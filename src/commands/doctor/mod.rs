//! `doctor`: one screen about everything that the program depends on, with the commands that fix what is wrong.
//!
//! `programs`, `own_repository` and `own_stacks` fill in a `Sheet` with what other commands find out: the repository as in
//! `status --short`, the stacks as in `plan`.

mod own_repository;
#[cfg(feature = "swarm")]
mod own_stacks;
mod programs;
mod sheet;

use clap::Args;

#[cfg(feature = "swarm")]
use super::stacks::DockerHost;
use super::{Context, Outcome};
use crate::failure::Failure;
use sheet::Sheet;

/// Look at Git, keys, hooks, stacks and Docker on one screen, with what mends them
///
/// Exits with 1 where something is wrong. It changes nothing, and needs neither a key nor Docker.
#[derive(Args)]
pub(super) struct DoctorArgs {
    #[cfg(feature = "swarm")]
    #[command(flatten)]
    host: DockerHost,
}

impl DoctorArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let mut sheet = Sheet::default();
        let repository = match context.repository() {
            Ok(repository) => Some(repository),
            Err(failure) => {
                sheet.row("repository", "none here");
                sheet.failure(&failure);
                None
            }
        };
        programs::look(&mut sheet, repository.as_ref());
        if let Some(repository) = &repository {
            own_repository::look(&mut sheet, context, repository)?;
        }
        #[cfg(feature = "swarm")]
        own_stacks::look(&mut sheet, context, repository.as_ref(), &self.host)?;
        context.terminal.bytes(sheet.text().as_bytes())?;
        Ok(if sheet.is_well() {
            Outcome::Done
        } else {
            Outcome::Warned
        })
    }
}
