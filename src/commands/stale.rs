//! How `prune`, `sync --prune` and `plan` choose what is stale, and say why the rest stays.

use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::age::age_of;
use crate::repository::History;
use crate::stack::DesiredStack;
use crate::swarm::{Inventory, Judged, Policy, Standing, SwarmObject, judge};

/// Versions that stay besides the wanted one, where neither settings nor arguments say otherwise.
const KEEP: usize = 1;
/// Long enough for whoever is about to deploy what a `sync` has just created.
pub(super) const MIN_AGE: SignedDuration = SignedDuration::from_mins(15);

/// How much to keep, as typed.
#[derive(Clone, Copy, Default)]
pub(super) struct Keeping {
    pub(super) keep: Option<usize>,
    pub(super) min_age: Option<SignedDuration>,
    pub(super) any_commit: bool,
}

/// What to remove, and how many objects stay for their commit's sake.
pub(super) struct Chosen {
    pub(super) stale: Vec<SwarmObject>,
    ahead: usize,
}

impl Keeping {
    pub(super) fn policy<'a>(self, settled: Option<usize>, history: &'a History<'a>) -> Policy<'a> {
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
    pub(super) fn of(
        stacks: &[&DesiredStack],
        neighbours: &[DesiredStack],
        inventory: &Inventory,
        policy: &Policy<'_>,
    ) -> Self {
        let neighbours: Vec<&DesiredStack> = neighbours.iter().collect();
        let judged = judge(stacks, &neighbours, inventory, policy);
        let stands = |judged: &&Judged<'_>, standing: Standing| judged.standing == standing;
        let stale = judged
            .iter()
            .filter(|judged| stands(judged, Standing::Stale));
        let ahead = judged
            .iter()
            .filter(|judged| stands(judged, Standing::Ahead));
        Self {
            stale: stale.map(|judged| judged.object.clone()).collect(),
            ahead: ahead.count(),
        }
    }

    /// Says what stays although nobody uses it, since a rebase can make that last for ever.
    pub(super) fn explain(&self, context: &Context) {
        if self.ahead == 0 {
            return;
        }
        let objects = if self.ahead == 1 {
            "1 object stays".to_owned()
        } else {
            format!("{} objects stay", self.ahead)
        };
        context.terminal.say(format_args!(
            "{objects}, made from commits or changes that this revision does not contain (`--any-commit` removes those too)"
        ));
    }
}

/// A stale object, for a line about it.
pub(super) fn describe(object: &SwarmObject) -> String {
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
pub(super) fn short(id: &str, length: usize) -> &str {
    id.get(..length).unwrap_or(id)
}
