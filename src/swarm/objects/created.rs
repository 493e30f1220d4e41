//! The run that created an object.

/// The run that created an object which exists in the Swarm now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// This run created the object.
    Now,
    /// Another run created it first.
    Elsewhere,
}
