//! Trust: who is a holder of a key, and which key follows which, in statements signed by the keys themselves.
//!
//! A key has a public identity (`format::Identity`), with which everybody who has the key can sign. Statements are
//! small text files below `.git-crypt/hs-secrets/`, which git-crypt ignores:
//!
//! - [`HolderStatement`] at `holders/<key>/<holder>.txt` attests a holder, or removes one (at the same path);
//! - [`SuccessionStatement`] at `successions/<key>/<old id>-<new id>.txt` says that one key follows another;
//! - `history/<key>/<old id>` is the retired key itself, sealed with the new one ([`seal_former`]).
//!
//! [`StatementFolders`] knows their paths and reads them, from the index or from all of history. [`attested`] says
//! which holders count, and [`chain()`] where successions lead; both are pure. [`Memory`] is what a clone knows by
//! itself, whatever is pushed to it.
//!
//! To add a holder: sign a statement with `Since::after` the one before, and add the holder to the memory's `accepted`.
//! To remove one: sign a removal, and add it to the memory's `removed`. To rotate a key: sign a succession, seal the
//! retired key, attest everybody who stays with the new key, and call the memory's `succeed`.

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

/// Parses a statement of either kind, and writes it again. `None` if the bytes are not a valid statement.
pub(crate) fn statement_written_anew(bytes: &[u8]) -> Option<String> {
    let holder = HolderStatement::parse(bytes).map(|statement| statement.to_text());
    let written = holder.or_else(|_| SuccessionStatement::parse(bytes).map(|read| read.to_text()));
    written.ok()
}
