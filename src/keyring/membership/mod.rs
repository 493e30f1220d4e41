//! Who has a key: adding and removing people, with the signed statements about them and this clone's memory of those.
//!
//! `people` wraps keys; `trust` signs and remembers. This folder does both together: nobody is added without being
//! attested, and nobody is removed without a tombstone (a signed statement of removal). `KnownHolders` knows who is
//! attested by the key and accepted by this clone.

mod add;
mod attestations;
mod attested_names;
mod gone_lists;
mod known_holders;
mod remove;
mod staged_change;

pub(crate) use add::add_collaborators;
pub(crate) use attestations::{Attestations, Differences};
pub(crate) use attested_names::{add_not_wrapped, attest_names};
pub(crate) use gone_lists::gone_lists;
pub(crate) use known_holders::{KnownHolders, MembershipError, holder_text};
pub(crate) use remove::remove_collaborator;
