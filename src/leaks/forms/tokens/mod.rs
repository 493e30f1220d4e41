//! Tokens whose form their makers have fixed: `shapes` knows how to read one, the `table` has the facts.

pub(crate) mod shapes;
pub(crate) mod table;
