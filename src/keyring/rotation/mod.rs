//! A key that takes the place of another: made here, or made elsewhere and pulled.

pub(crate) mod rotate;
pub(crate) mod succession;

pub(crate) use rotate::{
    Rotated, RotationError, abort_rotation, commit_rotation, continue_rotation, start_rotation,
};
pub(crate) use succession::{Rewrapped, newest, rewrapped};
