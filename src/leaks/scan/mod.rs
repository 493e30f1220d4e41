//! Looking through bytes: one pass over a content (`scanner`), with a look at each anchor (`hits`); the files in packed ones
//! (`archives`).

mod archives;
mod hits;
mod scanner;

pub(super) use archives::{is_packed, look_into};
pub(super) use hits::{Hit, Hits};
pub(super) use scanner::{Scanner, TextKind};
