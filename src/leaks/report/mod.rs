//! The outcome of a check: findings, gaps, and the forms they are written in.
//!
//! An `inspection` collects what the rules find. The `sieve` takes out what the settings (`allowances`) and the `baseline`
//! accept. The rest is a `Report`, in which known values are masked (`masking`), written as `lines`, JSON or `sarif`.

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
