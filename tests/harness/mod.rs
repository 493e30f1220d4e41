//! What the tests stand on: a sandbox with a home of its own, and the real programs in it.
//!
//! A test whose program is missing fails and says what to install; none is skipped.

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
