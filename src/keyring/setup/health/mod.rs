//! The health of a repository: its keys, and dangers to its secrets.
//!
//! An `examination` has two parts: `facts` reads everything once; `decide` says what of it is a concern.

mod concern;
mod decide;
mod examination;
mod facts;

pub(crate) use concern::{NOT_WRAPPED, holders_gone, not_wrapped};
pub(crate) use examination::{Health, health};
