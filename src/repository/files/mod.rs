//! How files come to be: whole or not at all, and with the mode that they are to have.

pub(super) mod door;
pub(super) mod private_files;
pub(super) mod whole_files;
