//! Finding repositories and opening them; the views of one begin here.

pub(super) mod linked;
pub(super) mod repository;
