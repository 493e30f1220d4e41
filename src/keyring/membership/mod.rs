//! Who is to have a key: people added and removed, with what is signed about them and what this clone remembers of it.
//!
//! `people` wraps keys, `trust` signs and remembers; here both go together, so that nobody is added without being attested
//! and nobody removed without a tombstone. `KnownHolders` is how holders stand: attested by the key, accepted by this clone.

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
