//! A secret or config as the Swarm lists it.

use jiff::Timestamp;

use super::labels::Labels;
use crate::stack::ObjectKind;

/// A secret or config in the Swarm, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwarmObject {
    /// Swarm's own id.
    pub id: String,
    /// Secret or config.
    pub kind: ObjectKind,
    pub name: String,
    pub labels: Labels,
    /// When it was created.
    pub created_at: Timestamp,
    /// Name of the template driver, if any.
    pub template_driver: Option<String>,
    /// Name of the secret driver, if any.
    pub driver: Option<String>,
}
