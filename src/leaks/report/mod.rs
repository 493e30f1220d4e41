//! The outcome of a check: findings and gaps, and the forms in which they are written.
//!
//! An `inspection` collects what the rules find. The `sieve` takes out what the settings (`allowances`) and the `baseline`
//! accept, as far as this clone's user agrees (`agreements`). The rest is a `Report`. Known values in it are masked
//! (`masking`), and it is written as `lines`, JSON or `sarif`.

pub(crate) mod agreements;
pub(crate) mod allowances;
pub(crate) mod baseline;
pub(crate) mod finding;
pub(crate) mod inspection;
mod lines;
mod masking;
pub(crate) mod outcome;
pub(crate) mod path_pattern;
mod sarif;
pub(crate) mod sieve;
mod staged_text;
