//! A stack file with its managed entries under the names they have in the Swarm, and every other byte as it was.
//!
//! `expected` is the wanted change. `entries` and `env_files` make edits of it: in the lines that say the thing, or in the
//! lines of its user if an anchor shares them. `shared` keeps the meaning of aliases elsewhere. The result is read again, and
//! `proof` refuses it if it differs in meaning from the original by more than was expected. `file_parts` takes files apart.

mod edit;
mod entries;
mod env_files;
mod expected;
mod file_parts;
mod invented;
mod layout;
mod proof;
mod rendered_file;
mod shared;

pub(crate) use file_parts::{FilePart, FileParts};
pub(crate) use invented::{rendered_with_invented_names, written_anew};
pub(crate) use rendered_file::RenderedFile;
