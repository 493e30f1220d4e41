//! The long-running filter process, spoken to as Git does.

#[path = "../harness/mod.rs"]
mod harness;

mod conversation;
mod line_ends;
mod long_files;
mod memory;
mod packets;
mod remains;
