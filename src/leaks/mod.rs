//! The leak check's story: decide what to look at, look at it, leave out what is allowed, report the rest.
//!
//! A [`Scope`] names what Git would store (`targets`): staged changes, the whole index, commits, or all of history; never
//! the work tree. Each content is looked through once (`content`) for known values of encrypted files (`known_secrets`,
//! chosen by `known_values`, written in `spellings`) and for well-known forms (their `anchors`; `shapes`, `assignments`,
//! `password_hashes`, `private_keys`); each path is compared with what the attributes promise (`encryption`), with its
//! name (`sensitive_names`) and with the stacks that use it (`stacks`, and commit by commit `stack_history`). What is left
//! after markers, settings (`allowances`) and `baseline` is a [`Report`], in which known values are masked (`masking`).
//!
//! What could not be read is part of the report: nothing that has not been looked at is called clean.

mod allowances;
mod anchors;
mod assignments;
mod baseline;
mod check;
mod content;
mod encryption;
mod finding;
mod glob;
mod hooks;
mod inspection;
mod known_secrets;
mod known_values;
mod masking;
mod message;
mod notations;
mod password_hashes;
mod private_keys;
mod report;
mod rule;
mod sarif;
mod sensitive_key;
mod sensitive_names;
mod shapes;
mod sieve;
mod spellings;
mod stack_history;
mod stacks;
mod targets;
mod utf16;
mod value;
mod wrapped_base64;

pub use allowances::CheckSettings;
pub(crate) use baseline::Baseline;
pub(crate) use check::{Report, check, check_message};
pub(crate) use hooks::{HookOutcome, HookStep, hooks_are_shared, install_hooks, remove_hooks};
pub(crate) use message::without_comments;
pub(crate) use rule::Rule;
pub(crate) use targets::{PushedReference, Scope};

use std::path::PathBuf;

use thiserror::Error;

use crate::repository::RepositoryError;
use crate::stack::SettingsError;

/// Why a check could not be made.
#[derive(Debug, Error)]
pub enum LeakError {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The settings can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The `[check]` table of the settings can't be used.
    #[error(".hs-secrets.toml: [check]: {reason}")]
    CheckTable {
        /// What is wrong.
        reason: String,
    },
    /// A rule in the settings that does not exist.
    #[error(".hs-secrets.toml: [check]: there is no rule `{name}`")]
    UnknownRule {
        /// As it stands.
        name: String,
    },
    /// An allow entry that does not say why.
    #[error(".hs-secrets.toml: [check]: the entry for `{rule}` in `{path}` gives no reason")]
    NoReason {
        /// Its rule.
        rule: String,
        /// Its path.
        path: String,
    },
    /// A line of the baseline that is none.
    #[error("{path}:{line}: not a line of a baseline: a fingerprint, a rule and a path")]
    BadBaseline {
        /// The baseline.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// Git called the pre-push hook with something else than it documents.
    #[error("not a line as Git gives them to a pre-push hook: `{line}`")]
    BadPushLine {
        /// The line.
        line: String,
    },
    /// A hook was moved aside before, and another one stands in its place now.
    #[error("{} is in the way: two hooks can't both be moved aside", path.display())]
    HookInTheWay {
        /// The hook that was moved aside before.
        path: PathBuf,
    },
    /// More values than can be searched for.
    #[error("the encrypted files hold too many values to search for: {count}")]
    TooManyValues {
        /// How many.
        count: usize,
    },
}
