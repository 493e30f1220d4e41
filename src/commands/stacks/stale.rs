//! How `prune`, `sync --prune` and `plan` choose what is stale, and say why the rest stays.

use jiff::{SignedDuration, Timestamp};

use super::age::{age_of, typed_age};
use crate::commands::Context;
use crate::repository::History;
use crate::stack::DesiredStack;
use crate::swarm::{Inventory, Policy, Standing, SwarmObject, judge};

/// Versions that stay besides the wanted one, where neither settings nor arguments say otherwise.
const KEEP: usize = 1;
/// Long enough for whoever is about to deploy what a `sync` has just created.
pub(crate) const MIN_AGE: SignedDuration = SignedDuration::from_mins(15);

/// How much to keep, as typed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Keeping {
    pub(crate) keep: Option<usize>,
    pub(crate) min_age: Option<SignedDuration>,
    pub(crate) any_commit: bool,
}

/// What to remove, and how much of the rest stays although nobody uses it.
pub(crate) struct Chosen {
    pub(crate) stale: Vec<SwarmObject>,
    newest: usize,
    young: usize,
    ahead: usize,
}

impl Keeping {
    pub(crate) fn policy<'a>(self, settled: Option<usize>, history: &'a History<'a>) -> Policy<'a> {
        Policy {
            keep: self.keep.or(settled).unwrap_or(KEEP),
            min_age: self.min_age.unwrap_or(MIN_AGE),
            now: Timestamp::now(),
            revision: history,
            any_commit: self.any_commit,
        }
    }
}

impl Chosen {
    /// Chooses among the objects of `stacks`; what their `neighbours` in the repository want stays.
    pub(crate) fn of(
        stacks: &[&DesiredStack],
        neighbours: &[DesiredStack],
        inventory: &Inventory,
        policy: &Policy<'_>,
    ) -> Self {
        let neighbours: Vec<&DesiredStack> = neighbours.iter().collect();
        let judged = judge(stacks, &neighbours, inventory, policy);
        let stale = judged
            .iter()
            .filter(|judged| judged.standing == Standing::Stale);
        let count = |standing: Standing| {
            let judged = judged.iter();
            judged.filter(|judged| judged.standing == standing).count()
        };
        Self {
            stale: stale.map(|judged| judged.object.clone()).collect(),
            newest: count(Standing::Newest),
            young: count(Standing::Young),
            ahead: count(Standing::Ahead),
        }
    }

    /// Says what stays although nobody uses it, and which option of `prune` would change that.
    pub(crate) fn explain(&self, context: &Context, policy: &Policy<'_>) {
        let newest = format!("among the newest {} of an entry (`--keep`)", policy.keep);
        let ahead = "made from commits or changes that this revision does not contain (`--any-commit` removes those too)";
        say_kept(
            context,
            &[
                (self.newest, newest),
                (self.young, younger(policy.min_age)),
                (self.ahead, ahead.to_owned()),
            ],
        );
    }
}

/// Says how many stay although nobody uses them, and why.
pub(crate) fn say_kept(context: &Context, reasons: &[(usize, String)]) {
    let reasons = reasons.iter().filter(|(count, _)| *count > 0);
    let reasons: Vec<String> = reasons
        .map(|(count, reason)| format!("{count} {reason}"))
        .collect();
    if !reasons.is_empty() {
        let reasons = reasons.join(", ");
        context
            .terminal
            .say(format_args!("unused, but kept: {reasons}"));
    }
}

/// Why something stays that is not old enough.
pub(crate) fn younger(min_age: SignedDuration) -> String {
    format!("younger than {} (`--min-age`)", typed_age(min_age))
}

/// A stale object, for a line about it.
pub(crate) fn describe(object: &SwarmObject) -> String {
    let age = age_of(object.created_at, Timestamp::now());
    let commit = object.labels.made_at().map(|made| {
        let dirty = if made.dirty { "-dirty" } else { "" };
        format!(", commit {}{dirty}", short(made.commit, 7))
    });
    format!(
        "{} {} ({age} old{})",
        object.kind,
        object.name,
        commit.unwrap_or_default()
    )
}

/// The first `length` characters of an id.
pub(crate) fn short(id: &str, length: usize) -> &str {
    id.get(..length).unwrap_or(id)
}
