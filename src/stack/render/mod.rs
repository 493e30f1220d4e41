//! Renders a stack file: managed entries get the names they have in the Swarm, and every other byte stays as it was.
//!
//! `expected` describes the wanted change. `entries` and `env_files` turn it into edits: in the lines that contain the entry
//! or path, or in the lines of the service that uses it if an anchor shares them. `shared` keeps the meaning of other
//! aliases. Then the result is parsed again, and `proof` refuses it if its meaning differs from the original in more than
//! the wanted change. `file_parts` divides files into parts.

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
