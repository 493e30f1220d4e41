//! The check as Git's hooks, beside hooks that are there already.
//!
//! A `script` runs the hook that was there before it, then the check. Scripts are put (`installing`) into the `folder` that Git
//! runs hooks from, or into husky's own. Git asks no hook before the commits of a rebase, a cherry-pick and a revert are made: a
//! hook after them reports, and pre-push refuses.

mod folder;
mod installing;
mod script;

pub(crate) use folder::{hooks_are_shared, hooks_in_work_tree};
pub(crate) use installing::{
    HookOutcome, HookStep, hooks_with_check, install_hooks, lost_hooks, remove_hooks,
};
pub(crate) use script::HookPrograms;
