//! Writing files: whole or not at all, with the right mode, through no symbolic link.

pub(super) mod door;
pub(super) mod private_files;
pub(super) mod whole_files;
