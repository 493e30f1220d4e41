//! The base of the tests: a sandbox with its own home directory, in which the real programs run.
//!
//! A test whose program is missing fails and says what to install. Tests are not skipped.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program uses a part of it"
)]

pub mod desk;
pub mod engine;
pub mod gnupg;
pub mod kill;
pub mod pair;
pub mod proxy;
pub mod pty;
pub mod sandbox;
pub mod three_managers;
pub mod trace;
pub mod written;
