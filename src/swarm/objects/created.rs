//! The maker of an object.

/// The maker of an object that is in the Swarm now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// This run has made the object.
    Now,
    /// Another run has made it first.
    Elsewhere,
}
