//! The daemon's JSON, as far as it is read.

pub(crate) mod network;
pub(crate) mod object;
pub(crate) mod service;
pub(crate) mod volume;
