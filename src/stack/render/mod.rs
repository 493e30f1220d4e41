//! A stack file with its managed entries under the names they have in the Swarm, and every other byte as it was.
//!
//! `expected` is the change that is wanted, `entries` and `env_files` make edits of it, each where the thing is written down
//! or in its user's own lines if that is elsewhere. `shared` keeps what others mean by an anchor. The result is read again:
//! `proof` gives it out only if it means what the original meant but for what was expected.

mod edit;
mod entries;
mod env_files;
mod expected;
mod invented;
mod layout;
mod proof;
mod rendered_file;
mod shared;

pub(crate) use invented::{rendered_with_invented_names, written_anew};
pub(crate) use rendered_file::RenderedFile;
