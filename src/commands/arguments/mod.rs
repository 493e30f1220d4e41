//! Parts that all commands share: their context, options and exit codes, and the commands about the program itself.

mod completions;
mod context;
mod exit_code;
mod interrupt;
mod key_option;
mod version;

pub use exit_code::EXIT_CODES;

pub(super) use completions::CompletionsArgs;
pub(super) use context::Context;
pub(super) use exit_code::{Outcome, WRONG_USAGE, code_of};
pub(super) use interrupt::Interrupt;
pub(super) use key_option::KeyOption;
pub(super) use version::{VersionArgs, version_of};
