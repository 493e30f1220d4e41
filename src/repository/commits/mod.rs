//! Commits: ranges of them, what each changes, what is to be pulled or pushed.

pub(super) mod ancestry;
pub(super) mod attribute_states;
pub(super) mod changes;
pub(super) mod commit_range;
pub(super) mod every_file;
pub(super) mod incoming;
#[cfg(test)]
mod invented_history;
pub(super) mod path_changes;
pub(super) mod tags;
pub(super) mod versions;
pub(super) mod walks;
