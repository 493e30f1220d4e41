//! Everything that one stack wants in the Swarm, at one revision.

use crate::stack::desired::{ExternalObject, StackObject};
use crate::stack::names::ObjectKind;
use crate::stack::names::StackName;

/// The objects that a stack wants, and the services that use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredStack {
    /// The stack's name.
    pub name: StackName,
    /// Its managed secrets and configs, in the order of the stack file.
    pub objects: Vec<StackObject>,
    /// Its `external` entries, whose objects must exist in the Swarm already.
    pub externals: Vec<ExternalObject>,
    pub services: Vec<DesiredService>,
}

/// A service of the stack and the entries that it mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredService {
    /// Its key in the stack file. Its name in the Swarm is `<stack>_<key>`.
    pub name: String,
    /// Kind and key of every top-level secret and config that it uses.
    pub uses: Vec<(ObjectKind, String)>,
}

impl DesiredStack {
    /// A stack of which only the name is known.
    pub fn nothing(name: StackName) -> Self {
        Self {
            name,
            objects: Vec::new(),
            externals: Vec::new(),
            services: Vec::new(),
        }
    }

    /// The configs whose files are encrypted in Git. Everybody who may read configs in the Swarm can read these files in
    /// plaintext.
    pub(crate) fn configs_from_encrypted_files(&self) -> impl Iterator<Item = &StackObject> {
        let objects = self.objects.iter();
        objects.filter(|object| object.kind == ObjectKind::Config && object.is_encrypted_in_git)
    }
}
