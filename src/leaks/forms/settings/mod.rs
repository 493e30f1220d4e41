//! Settings: secrets under names that say so, in the many notations for names and values.
//!
//! The `dialect` of a file says how its values are written. At a name from the table of `secret_names`, `written` finds the value,
//! with the help of `pairs`, `directives`, `next_lines` and `conditions`. Then `assignments` judges it: random values by `value`,
//! values that people choose by `chosen`, some by the `sections` around them. Values that only stand for a secret are recognised by
//! `templates` and `placeholders`.

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
