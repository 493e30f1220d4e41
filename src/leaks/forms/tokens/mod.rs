//! Tokens whose form their makers have fixed: `shapes` knows how to read one, the `table` has the facts. The `examples` are made
//! by them.

pub(crate) mod examples;
pub(crate) mod shapes;
pub(crate) mod table;
