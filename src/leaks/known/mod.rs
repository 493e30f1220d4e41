//! The values of encrypted files, and the search for them in plaintext.
//!
//! `known_values` chooses the values, reading the `notations` of settings. `reach` decides where each value is searched for.
//! `known_secrets` searches for all values in one pass, in all their `spellings`, also across pieces that are `joined` first
//! (`wrapped_base64`, `separated_hex`, `entities`).
//! `needles` are the texts to search for. `samples` of them quickly rule out texts without any, which are nearly all.

mod entities;
mod joined;
pub(crate) mod known_secrets;
mod known_values;
mod needles;
mod notations;
mod reach;
mod samples;
mod separated_hex;
mod spellings;
mod wrapped_base64;

pub(crate) use notations::unquoted;
