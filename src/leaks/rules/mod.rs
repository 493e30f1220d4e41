//! The rules that judge a file as a whole.
//!
//! Each path is compared with what the attributes promise (`encryption`), today and in earlier commits (`coverage`), with its name (`sensitive_names`) and with the
//! stacks that use it (`stacks`, and commit by commit `stack_history`).

pub(crate) mod coverage;
mod encrypting_patterns;
pub(crate) mod encryption;
pub(crate) mod sensitive_names;
pub(crate) mod stack_history;
pub(crate) mod stacks;
