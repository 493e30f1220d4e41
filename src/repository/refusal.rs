//! What lies behind a refusal of libgit2, where somebody can do something about it.

use super::open::RepositoryError;

/// A reason that people can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The repository belongs to somebody else, and Git trusts it only when told to.
    ForeignOwner,
    /// Its objects are named by SHA-256.
    Sha256,
    /// Its branches are kept in a table.
    Reftable,
    /// An object is not in the store, as in a partial clone that has not fetched it yet.
    MissingObject,
}

impl RepositoryError {
    /// The reason, where it is one of those.
    pub fn refusal(&self) -> Option<Refusal> {
        let Self::Git { source, .. } = self else {
            return None;
        };
        match (source.code(), source.class()) {
            (git2::ErrorCode::Owner, _) => Some(Refusal::ForeignOwner),
            (git2::ErrorCode::NotFound, git2::ErrorClass::Odb) => Some(Refusal::MissingObject),
            // libgit2 has no code for it.
            _ if source.message().contains("object format 'sha256'") => Some(Refusal::Sha256),
            _ if source.message().contains("extensions.refstorage") => Some(Refusal::Reftable),
            _ => None,
        }
    }
}
