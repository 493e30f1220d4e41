//! Finding repositories and opening them. The views of a repository start here.

mod discovery;
mod libgit2;
pub(super) mod linked;
pub(super) mod repository;
