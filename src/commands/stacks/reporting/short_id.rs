//! Short forms of ids, which people compare.

/// The first `length` characters of an id.
pub(crate) fn short(id: &str, length: usize) -> &str {
    id.get(..length).unwrap_or(id)
}
