//! The pages for people, without scripts, for light and dark mode, for phones and desktops.
//!
//! `overview` shows all stacks, `run` shows one run with its output, and `frame` is around both. The pages can't change anything.

mod frame;
mod overview;
mod run;

pub(crate) use overview::overview_page;
pub(crate) use run::run_page;
