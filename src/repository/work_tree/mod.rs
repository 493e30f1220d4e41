//! The files that people work on: their state, and writing them through Git.

pub(super) mod behind_link;
pub(super) mod checkout;
pub(super) mod half_done;
pub(super) mod in_place;
pub(super) mod output;
pub(super) mod pathspecs;
pub(super) mod state;
pub(super) mod stored_form;
pub(super) mod top;
