//! Settings: a secret under a name that says that it is one, in the many ways in which names and values are written.
//!
//! The `dialect` of a file says how its values stand there. At a name from the table of `secret_names`, `written` finds the
//! value, with `pairs`, `directives`, `next_lines` and `conditions`, and `assignments` judges it: random ones by `value`, those that people
//! choose by `chosen`, some with the `sections` that they stand in. Text that stands for a secret which is not there is one of the
//! `templates`, or made of the words of `placeholders`.

pub(crate) mod assignments;
pub(crate) mod chosen;
mod conditions;
pub(crate) mod dialect;
mod directives;
mod next_lines;
mod pairs;
pub(crate) mod placeholders;
pub(crate) mod secret_names;
mod sections;
pub(crate) mod templates;
pub(crate) mod value;
mod written;
