//! The pages for people: made here, without scripts, for light and dark, for a phone as for a desk.
//!
//! `overview` has all stacks, `run` has one run with what it said, and `frame` is around both. Nothing on them changes anything.

mod frame;
mod overview;
mod run;

pub(crate) use overview::overview_page;
pub(crate) use run::run_page;
