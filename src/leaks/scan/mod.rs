//! Searches bytes: one pass over a content (`scanner`), which looks for a secret at each anchor (`hits`), and the files in
//! archives (`archives`). `anchor_search` finds the anchors.

mod anchor_search;
mod archives;
mod hits;
mod scanner;

pub(super) use archives::{is_packed, look_into};
pub(super) use hits::{Hit, Hits};
pub(super) use scanner::{Scanner, TextKind};
