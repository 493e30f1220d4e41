//! Everything that the user should know about the repository as a whole, for every form of output.

use crate::failure::Failure;
use crate::keyring::Health;
use crate::leaks::lost_hooks;
use crate::repository::Repository;

/// Something that the user should know.
pub(super) struct Remark {
    /// One word that identifies it for programs.
    pub(super) code: &'static str,
    /// True if secrets may end up in plaintext or be lost; otherwise it is an inconvenience.
    pub(super) is_danger: bool,
    pub(super) message: String,
}

/// All remarks: the concerns about keys and files, then the hooks that were lost.
pub(super) fn remarks(repository: &Repository, health: &Health) -> Result<Vec<Remark>, Failure> {
    let concerns = health.concerns.iter().map(|concern| Remark {
        code: concern.code(),
        is_danger: concern.is_danger(),
        message: concern.to_string(),
    });
    let lost = lost_hooks(repository)?;
    let lost = lost.into_iter().map(|name| Remark {
        code: "hook-lost",
        is_danger: true,
        message: format!(
            "the hook {name} does not run the leak check any more: `install-hooks` puts it back"
        ),
    });
    Ok(concerns.chain(lost).collect())
}
