//! Example tokens, generated from the table, for the tests that go through every line of it.

use super::shapes::{Part, Set, Shape};
use super::table::SHAPES;

/// A token that was never issued to anybody.
pub struct TokenExample {
    /// The owner that its line of the table names.
    pub owner: &'static str,
    /// The text that is searched for.
    pub anchor: &'static str,
    /// The shortest token that the shape allows.
    pub token: String,
}

/// One token for each line of the table.
pub fn token_examples() -> Vec<TokenExample> {
    let example = |shape: &Shape| TokenExample {
        owner: shape.owner,
        anchor: shape.anchor,
        token: token(shape),
    };
    SHAPES.iter().map(example).collect()
}

/// The shortest token of this shape.
pub(super) fn token(shape: &Shape) -> String {
    let before = shape.before.map(|(set, number)| body(set, number));
    let parts = shape.parts.iter().enumerate();
    let parts = parts.map(|(index, part)| match part {
        Part::Text(text) => (*text).to_owned(),
        Part::Gap => String::new(),
        Part::Run(set, least, _) => body(*set, least + index).split_off(index),
    });
    before.unwrap_or_default() + shape.anchor + &parts.collect::<String>()
}

/// Characters of a set, always the same ones.
pub(super) fn body(set: Set, length: usize) -> String {
    std::iter::successors(Some(7u8), |byte| {
        Some(byte.wrapping_mul(137).wrapping_add(59))
    })
    .take(256)
    .filter(|&byte| set.has(byte))
    .cycle()
    .take(length)
    .map(char::from)
    .collect()
}
