//! The service's own bare clones of the repositories, which the user's `git` fetches into.
//!
//! A `BareClone` has one branch of one repository. `credentials` lets git reach the remote, and `git_run` runs git to its end.

mod bare_clone;
mod credentials;
mod git_run;

pub(crate) use bare_clone::BareClone;
pub(crate) use git_run::FetchError;
