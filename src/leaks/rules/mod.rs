//! The rules that judge a file as a whole.
//!
//! Each path is compared with what the attributes promise today (`encryption`, whose files `opening` reads), with what they promised in earlier commits
//! (`coverage`), with what this clone makes of them (`outside`), with what a wrapped key that is yet to come needs (`keys_to_come`) and
//! with its content (`uncovered`). It is compared with its name (`sensitive_names`), and with the stacks that use it (`stacks`, and
//! commit by commit `stack_history`).

pub(crate) mod coverage;
mod encrypting_patterns;
pub(crate) mod encryption;
mod keys_to_come;
mod opening;
pub(super) mod outside;
pub(crate) mod sensitive_names;
pub(crate) mod stack_history;
pub(crate) mod stacks;
pub(crate) mod tree_keys;
pub(crate) mod uncovered;
