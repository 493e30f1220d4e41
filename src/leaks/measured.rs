//! The search through a text, as the benchmarks measure it.

use super::forms::anchors::anchors;
use super::known::known_secrets::KnownValues;
use super::scan::Scanner;
use crate::repository::PathBytes;

/// The anchors that a check searches for.
pub fn searched_texts() -> Vec<&'static str> {
    anchors().0
}

/// Returns a function that counts the findings in a content at a path. `known` is the plaintext of an encrypted file,
/// whose values are searched for.
pub fn finder(known: &[u8]) -> impl Fn(&[u8], &[u8]) -> usize {
    let mut values = KnownValues::default();
    // If the text is too long to be decoded, no values are searched for.
    drop(values.add_file(&PathBytes::new("known"), known));
    let scanner = Scanner::new(values.into_search().ok().flatten());
    move |content, path| scanner.look_at(content, path).hits.len()
}
