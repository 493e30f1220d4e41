//! The look through a text, as a bench measures it.

use super::forms::anchors::anchors;
use super::known::known_secrets::KnownValues;
use super::scan::Scanner;
use crate::repository::PathBytes;

/// The fixed texts that a check looks for.
pub fn searched_texts() -> Vec<&'static str> {
    anchors().0
}

/// Counts what a check finds in a content of some path, with the values of `known`, the plaintext of an encrypted file.
pub fn finder(known: &[u8]) -> impl Fn(&[u8], &[u8]) -> usize {
    let mut values = KnownValues::default();
    // A text that is too long to be decoded has no values.
    drop(values.add_file(&PathBytes::new("known"), known));
    let scanner = Scanner::new(values.into_search().ok().flatten());
    move |content, path| scanner.look_at(content, path).hits.len()
}
