//! The verbs of the leak check.

mod check;
mod install_hooks;

pub(super) use check::CheckArgs;
pub(super) use install_hooks::InstallHooksArgs;
