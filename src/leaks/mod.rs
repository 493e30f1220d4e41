//! The leak check's story: decide what to look at, look at it, leave out what is allowed, report the rest.
//!
//! A [`Scope`] names what Git has stored or is about to store (`targets`): staged changes, the whole index, commits, or all of
//! history. It never names the work tree. The `inspector` looks at each file and message once. In its bytes, `scan` looks for
//! values of encrypted files (`known`), for well-known `forms`, and into packed files. The `rules` judge each file as a whole.
//! Findings that no setting, marker or baseline accepts become the [`Report`] (`report`).
//!
//! The report names everything that could not be read: nothing is called clean that was not looked at.

mod attributes;
mod check;
mod checkup;
mod error;
mod forms;
mod hooks;
mod inspector;
mod known;
mod measured;
mod message;
mod notes;
mod past_plaintext;
mod reminder;
mod report;
mod rule;
mod rules;
mod scan;
mod targets;

pub(crate) use check::{check, check_coverage, check_outside_attributes};
pub(crate) use error::LeakError;
pub use forms::settings::secret_names::secret_words;
pub use forms::tokens::examples::token_examples;
pub(crate) use hooks::{
    HookOutcome, HookPrograms, HookStep, hooks_are_shared, hooks_in_work_tree, hooks_with_check,
    install_hooks, lost_hooks, remove_hooks,
};
pub use measured::{finder, searched_texts};
pub(crate) use message::without_comments;
pub(crate) use notes::{is_about_common_values, is_about_locked};
pub(crate) use past_plaintext::committed_in_plaintext;
pub(crate) use reminder::take_daily_reminder;
pub(crate) use report::agreements::agree_to;
pub use report::allowances::CheckSettings;
pub(crate) use report::baseline::Baseline;
pub(crate) use report::outcome::Report;
pub(crate) use report::path_pattern::PathPattern;
pub(crate) use rule::Rule;
pub(crate) use targets::{PushedReference, Scope, rewritten_commit};
