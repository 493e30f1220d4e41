//! The check as Git hooks, next to hooks that exist already.
//!
//! A `script` runs the hook that was there before, then the check. Scripts are installed (`installing`) into the `folder` that
//! Git runs hooks from, or into husky's own. Git runs no hook before the commits of a rebase, a cherry-pick or a revert. For
//! these, a hook after the commit reports what it finds, and pre-push refuses to push it.

mod folder;
mod installing;
mod script;

pub(crate) use folder::{hooks_are_shared, hooks_in_work_tree};
pub(crate) use installing::{
    HookOutcome, HookStep, hooks_with_check, install_hooks, lost_hooks, remove_hooks,
};
pub(crate) use script::HookPrograms;
