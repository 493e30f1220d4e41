//! The options for keeping unused objects, and the messages about what is kept.

use jiff::{SignedDuration, Timestamp};

use crate::commands::Context;
use crate::commands::stacks::reporting::age::{age_of, typed_age};
use crate::commands::stacks::selection::stack_selection::SelectedStacks;
use crate::repository::History;
use crate::stack::{DesiredStack, Settings};
use crate::swarm::{Chosen, Policy, Pruning, SwarmObject};

/// The options for keeping unused objects, as typed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Keeping {
    pub(crate) keep: Option<usize>,
    pub(crate) min_age: Option<SignedDuration>,
    pub(crate) any_commit: bool,
}

impl Keeping {
    /// The policy from these options, and from the settings for options that were not given.
    pub(crate) fn policy<'a>(self, settings: &Settings, history: &'a History<'a>) -> Policy<'a> {
        Policy {
            min_age: self.min_age.unwrap_or(Policy::MIN_AGE),
            any_commit: self.any_commit,
            ..Policy::by_settings(settings, history, self.keep)
        }
    }

    /// The pruning of these stacks. Objects that their `neighbours` in the repository want are kept.
    pub(crate) fn pruning<'a>(
        self,
        selected: &'a SelectedStacks<'_>,
        neighbours: &'a [DesiredStack],
        history: &'a History<'a>,
    ) -> Pruning<'a> {
        Pruning {
            stacks: selected.desired(),
            neighbours: neighbours.iter().collect(),
            policy: self.policy(&selected.settings, history),
        }
    }
}

/// Says how many unused objects are kept, and which options of `prune` would remove them.
pub(crate) fn explain(context: &Context, chosen: &Chosen, policy: &Policy<'_>) {
    let newest = "among the newest of an entry (`--keep`)".to_owned();
    let ahead = "made from commits or changes that this revision does not contain (`--any-commit` removes those too)";
    report_kept(
        context,
        &[
            (chosen.newest, newest),
            (chosen.young, younger(policy.min_age)),
            (chosen.ahead, ahead.to_owned()),
        ],
    );
}

/// Says how many unused things are kept, and why.
pub(crate) fn report_kept(context: &Context, reasons: &[(usize, String)]) {
    let reasons = reasons.iter().filter(|(count, _)| *count > 0);
    let reasons: Vec<String> = reasons
        .map(|(count, reason)| format!("{count} {reason}"))
        .collect();
    if !reasons.is_empty() {
        let reasons = reasons.join(", ");
        context
            .terminal
            .info(format_args!("unused, but kept: {reasons}"));
    }
}

/// The reason why something is kept that is not old enough.
pub(crate) fn younger(min_age: SignedDuration) -> String {
    format!("younger than {} (`--min-age`)", typed_age(min_age))
}

/// Describes a stale object, for a line about it.
pub(crate) fn describe(object: &SwarmObject) -> String {
    let age = age_of(object.created_at, Timestamp::now());
    let made_at = object.labels.made_at();
    let commit = made_at.map(|made| format!(", commit {}", made.shown()));
    format!(
        "{} {} ({age} old{})",
        object.kind,
        object.name,
        commit.unwrap_or_default()
    )
}
