//! Files that are committed for everybody to have, such as wrapped keys: read, written, committed by themselves.

pub(super) mod change;
pub(super) mod reading;
