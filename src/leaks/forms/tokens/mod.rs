//! Tokens in a form that their issuers have fixed. The `table` lists the forms, `shapes` finds tokens by them, and `examples`
//! generates tokens from them.

pub(crate) mod examples;
pub(crate) mod shapes;
pub(crate) mod table;
