//! Where a value of an encrypted file is searched for: everywhere, or only where it can't appear by chance.

use crate::leaks::forms::settings::chosen::{is_weak, may_be_chosen_for};
use crate::leaks::forms::settings::placeholders::is_placeholder;
use crate::leaks::forms::settings::secret_names::{is_named_about_secret, is_named_secret};
use crate::leaks::forms::settings::templates::is_template;
use crate::leaks::forms::settings::value::{is_public, is_random, is_wordy};

/// Minimum length of a value that is searched for in every text. Shorter ones appear by chance.
const SHORTEST: usize = 8;
/// Minimum length of a word of letters only.
const SHORTEST_WORD: usize = 12;
/// Minimum length of several words. A shorter text is a name, not a passphrase.
const SHORTEST_PHRASE: usize = 20;
/// Maximum length of a value.
pub(super) const LONGEST: usize = 512;
/// Where a value is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In every text: the value does not appear by chance.
    Everywhere,
    /// Only under the names of secrets and in URLs: elsewhere it may be an ordinary word.
    UnderNames,
    /// Nowhere: its name says that it is a secret, but it is a word that everybody tries first.
    Nowhere,
}

/// Where the `value` under `key` is searched for; `None` if it is no secret.
pub(super) fn reach_of(key: &[u8], value: &[u8]) -> Option<Reach> {
    if is_strong(key, value) {
        Some(Reach::Everywhere)
    } else if !may_be_chosen_for(key) {
        None
    } else if is_weak(value) {
        Some(Reach::UnderNames)
    } else {
        let is_common = is_placeholder(value)
            && !is_template(value)
            && !value.is_empty()
            && value.iter().all(u8::is_ascii_graphic);
        is_common.then_some(Reach::Nowhere)
    }
}

/// True if `value` is a secret that does not appear by chance, so that it can be searched for in every text.
fn is_strong(key: &[u8], value: &[u8]) -> bool {
    if !(SHORTEST..=LONGEST).contains(&value.len()) || is_template(value) || is_public(value) {
        return false;
    }
    if is_password_hash(value) {
        return true;
    }
    // A name says whether its value is secret. If it says nothing, only a value that looks random counts.
    if !is_named_secret(key) {
        return is_random(value) && !is_named_about_secret(key) && !value.contains(&b'`');
    }
    if is_random(value) {
        return true;
    }
    if value.iter().all(u8::is_ascii_alphabetic) {
        return value.len() >= SHORTEST_WORD && !is_placeholder(value);
    }
    if is_wordy(value) {
        let letters_only = !value.iter().any(u8::is_ascii_digit);
        let shortest = if letters_only {
            SHORTEST_PHRASE
        } else {
            SHORTEST
        };
        return value.len() >= shortest && !is_placeholder(value);
    }
    true
}

/// True for `$apr1$…`, `$2y$…`, `$6$…` and similar forms, and for `{SHA}…`.
fn is_password_hash(value: &[u8]) -> bool {
    let dollars = value.iter().filter(|&&byte| byte == b'$').count();
    value.len() >= 20
        && ((value.starts_with(b"$") && dollars >= 3)
            || value.starts_with(b"{SHA")
            || value.starts_with(b"{SSHA"))
}
