//! The exit codes, by how a command ended.

use std::process::ExitCode;

use crate::failure::{Failure, FailureKind};
use crate::repository::noted_interruption;

/// Every exit code and what it means, for the manual pages.
pub const EXIT_CODES: [(u8, &str); 6] = [
    (DONE, "done"),
    (
        FAILED,
        "failed, or not all is as it should be (`status`, `unlock`, `refresh`, `merge`)",
    ),
    (WRONG_USAGE, "wrong usage"),
    (
        FOUND,
        "something is to be done (`plan`) or was found (`check`)",
    ),
    (BY_SIGNAL + SIGINT, "ended by an interrupt (Ctrl-C)"),
    (BY_SIGNAL + SIGTERM, "ended by SIGTERM"),
];

const DONE: u8 = 0;
const FAILED: u8 = 1;
pub(crate) const WRONG_USAGE: u8 = 2;
const FOUND: u8 = 3;
/// Added to a signal's number, as a shell reports a program that the signal has ended.
const BY_SIGNAL: u8 = 128;
const SIGINT: u8 = 2;
const SIGTERM: u8 = 15;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All was done.
    Done,
    /// Not all was done, as the warnings in the result say.
    Warned,
    /// Something is to be done or was found.
    Found,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => DONE,
            Outcome::Warned => FAILED,
            Outcome::Found => FOUND,
        })
    }
}

/// The exit code of a command that failed.
pub(crate) fn code_of(failure: &Failure) -> ExitCode {
    let signal = noted_interruption().and_then(|signal| u8::try_from(signal).ok());
    ExitCode::from(match (failure.kind(), signal) {
        (FailureKind::BrokenPipe, _) => DONE,
        (FailureKind::Usage, _) => WRONG_USAGE,
        (FailureKind::Failed | FailureKind::Interrupted, Some(signal)) => BY_SIGNAL + signal,
        (FailureKind::Interrupted, None) => BY_SIGNAL + SIGINT,
        (FailureKind::Failed, None) => FAILED,
    })
}
