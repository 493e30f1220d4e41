//! Trust: who is to have a key, and which key follows which, signed by the keys themselves.
//!
//! A key has an identity that is no secret (`format::Identity`). With it, whoever has the key signs statements, small text
//! files below `.git-crypt/hs-secrets/` that git-crypt takes no notice of:
//!
//! - [`HolderStatement`] at `holders/<key>/<holder>.txt` attests a holder, or, in the same place, removes one;
//! - [`SuccessionStatement`] at `successions/<key>/<old id>-<new id>.txt` says that a key took another's place;
//! - `history/<key>/<old id>` is the former key itself, sealed with the new one ([`seal_former`]).
//!
//! [`StatementFolders`] knows their places and reads them, from the index or from all that the history ever had. Whether a
//! holder counts is [`attested`], and where successions lead is [`chain()`]: both are pure. [`Memory`] is what a clone knows by
//! itself, whatever is pushed to it.
//!
//! Who adds a holder signs a statement with `Since::after` the one before it, and notes the holder in the memory's
//! `accepted`; who removes one signs a removal and notes it in `removed`. Who rotates a key signs a succession, seals the
//! former key, attests anew everybody who stays, and lets the memory `succeed`.

mod chain;
mod committed;
#[cfg(test)]
pub(crate) mod examples;
mod holder_statement;
mod holders;
mod memory;
mod sealed_history;
mod since;
mod statement_text;
mod succession_statement;
mod unusable_memory;

pub(crate) use chain::{Chain, chain, successors};
pub(crate) use committed::{Committed, Reading, StatementFolders};
pub(crate) use holder_statement::{HolderStatement, HolderText};
pub(crate) use holders::{attested, latest_removals};
pub(crate) use memory::{Memory, MemoryError};
pub(crate) use sealed_history::{open_all_former, seal_former};
pub(crate) use since::Since;
pub(crate) use succession_statement::SuccessionStatement;

/// A statement of either kind, written anew; `None` if the bytes are no good statement.
pub(crate) fn statement_written_anew(bytes: &[u8]) -> Option<String> {
    let holder = HolderStatement::parse(bytes).map(|statement| statement.to_text());
    let written = holder.or_else(|_| SuccessionStatement::parse(bytes).map(|read| read.to_text()));
    written.ok()
}
