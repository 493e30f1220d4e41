//! The user's docker client: its files, its questions, its deployment.
//! `check` asks whether the client would accept a stack, before anything is done. `stack_deploy` runs `docker stack
//! deploy`. Both use the same files (`handed_over`), the user's options (`run`), and `process` for running the client
//! and reading its output.
//! and reading its output.

mod anonymous_file;
pub(crate) mod arguments;
pub(crate) mod check;
pub(crate) mod error;
pub(crate) mod handed_over;
mod process;
pub(crate) mod run;
pub(crate) mod stack_deploy;
