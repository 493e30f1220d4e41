//! A key that takes the place of another: made here, or made elsewhere and pulled.
//!
//! `facts` reads what a rotation depends on, `decide` says whether it may begin and whom its user has to vouch for, `rotate`
//! does it in steps that can be repeated or undone, with `shared` for what is committed beside the encrypted files, in `folders`.
//! `progress` says whether one is under way.

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
