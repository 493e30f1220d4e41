//! The next steps when the leak check could not run.

use super::Failure;
use crate::leaks::LeakError;

impl From<LeakError> for Failure {
    fn from(error: LeakError) -> Self {
        let failure = Self::new(&error);
        match error {
            LeakError::Repository(error) => error.into(),
            LeakError::HookInTheWay { .. } => {
                failure.hint("merge the two by hand, remove one, and install again")
            }
            LeakError::NoHooksInBare => failure.hint(
                "install the hooks in the clones; here, a pre-receive hook of your own can run `hs-secrets check --range OLD..NEW`",
            ),
            LeakError::UnknownRule { .. } => failure.hint("`hs-secrets check --help` lists the rules"),
            LeakError::NoReason { .. } => failure.hint("add `reason = \"…\"`: the next reader will want to know"),
            LeakError::BadBaseline { .. } => {
                failure.hint("`hs-secrets check --all --write-baseline` writes a new one")
            }
            LeakError::NotABaseline { .. } => failure.hint(
                "look at who has set that in .hs-secrets.toml; without it the baseline is .hs-secrets.baseline",
            ),
            LeakError::CheckTable { .. } => failure.hint(
                "entries look like [[check.allow]] with rule = \"token\", path = \"docs/**\", reason = \"…\"",
            ),
            _ => failure,
        }
    }
}
