//! A stack file with its managed entries under the names they have in the Swarm, and every other byte as it was.

mod edits;
mod rendered;
mod text;

pub(super) use edits::{Edit, apply};
pub(crate) use text::RenderedFile;
