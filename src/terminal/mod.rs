//! All output of the program: results on standard output, everything else on standard error.
//!
//! `output` writes results and messages, `questions` asks the user. A `board` is a few lines that are updated in place. `visible` text
//! and `names` of files have no characters that control a terminal.

mod board;
mod names;
mod output;
mod questions;
mod visible;

pub(crate) use board::Board;
pub(crate) use output::{Colour, Terminal};
pub(crate) use visible::visible;
