//! Who has created an object.

/// The maker of an object that is in the Swarm now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// This run has made it.
    Now,
    /// Another run made it first.
    Elsewhere,
}
