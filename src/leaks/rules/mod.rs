//! The rules that judge a file as a whole.
//!
//! Each path is compared with what the attributes promise today (`encryption`, whose files `opening` decrypts), with what they
//! promised in earlier commits (`coverage`), with the attributes that apply in this clone (`outside`), with the needs of wrapped
//! keys that do not exist yet (`keys_to_come`) and with its content (`uncovered`). Its name is judged by `sensitive_names`, and its
//! use in stacks by `stacks`, or commit by commit by `stack_history`.

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
