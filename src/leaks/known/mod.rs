//! The values of encrypted files, and the search for them in plaintext.
//!
//! `known_values` chooses them with the `notations` that settings are written in, and `reach` says where each is looked for. `known_secrets` searches for all of them
//! in one pass, in all their `spellings`, and in pieces that are `joined` again (`wrapped_base64`, `separated_hex`, `entities`).

mod entities;
mod joined;
pub(crate) mod known_secrets;
mod known_values;
mod notations;
mod reach;
mod separated_hex;
mod spellings;
mod wrapped_base64;

pub(crate) use notations::unquoted;
