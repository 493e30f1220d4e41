//! Finding repositories and opening them; the views of one begin here.

mod discovery;
mod libgit2;
pub(super) mod linked;
pub(super) mod repository;
