//! Shared files: committed for everybody, such as wrapped keys. They are read, written and committed separately.

pub(super) mod change;
pub(super) mod reading;
