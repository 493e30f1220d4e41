//! The subject of a check: a `scope`, and the `list` of files and messages that it names.
//!
//! Git's index, or in a bare repository the tree of `HEAD`, is read only once (`stored`).

mod list;
mod scope;
mod stored;

pub(super) use list::{Target, Targets};
pub(crate) use scope::{PushedReference, Scope, rewritten_commit};
pub(super) use stored::Stored;
