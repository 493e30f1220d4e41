//! The user's docker client: what it is handed, what it is asked, how it is run.
//!
//! `check` asks whether it would take a stack, before anything is done; `stack_deploy` has it deploy one. Both give it the same files
//! (`handed_over`), run it as the user wishes (`run`) and read its output as it ends (`process`).

mod anonymous_file;
pub(crate) mod arguments;
pub(crate) mod check;
pub(crate) mod error;
pub(crate) mod handed_over;
mod process;
pub(crate) mod run;
pub(crate) mod stack_deploy;
