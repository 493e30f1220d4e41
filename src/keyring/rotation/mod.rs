//! Rotation: a new key replaces the key in use, in this clone or in another one whose result is pulled.
//!
//! `facts` reads what a rotation depends on. `decide` says whether it may begin, and whom the user must confirm.
//! `rotate` does it, in steps that can be repeated or undone. `shared` prepares what is committed besides the encrypted
//! files, in `folders`. `progress` says whether a rotation has begun and is not finished. `succession` finds rotations
//! of other clones.

mod decide;
mod error;
mod facts;
mod folders;
mod note;
mod origins;
mod progress;
mod refusal;
pub(crate) mod rotate;
mod shared;
pub(crate) mod succession;

pub(crate) use decide::RotationRequest;
pub(crate) use error::RotationError;
pub(crate) use facts::{HolderFacts, RotationFacts};
pub(crate) use rotate::{
    Rotated, abort_rotation, commit_rotation, look_at_rotation, require_none_underway, rotate,
};
pub(crate) use succession::{Rewrapped, rewrapped};
