//! Settings: a secret under a name that says that it is one, in the many ways in which names and values are written.
//!
//! The `dialect` of a file says how its values stand there. At a name from the table of `secret_names`, `written` finds the
//! value, with `pairs` and `directives`, and `assignments` judges it: random ones by `value`, those that people choose by
//! `chosen`. Text that stands for a secret which is not there is known by its `placeholders`.

pub(crate) mod assignments;
pub(crate) mod chosen;
pub(crate) mod dialect;
mod directives;
mod pairs;
pub(crate) mod placeholders;
pub(crate) mod secret_names;
pub(crate) mod value;
mod written;
