//! Finds where a plain `docker stack deploy` of the unrendered stack file would differ from `sync` in a way that nobody
//! wants.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;

use crate::format::Header;
use crate::stack::loaded::Stack;
use crate::stack::names::EntryPlace;

/// Objects that a plain `docker stack deploy` would create by mistake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnDeployment {
    /// Managed files that are ciphertext in the work tree: Docker would publish the ciphertext.
    pub ciphertext: Vec<String>,
    /// Managed entries without a `name:`: Docker would create objects without a version in their names.
    pub unversioned: Vec<EntryPlace>,
}

impl Stack<'_> {
    /// Finds the objects that a plain `docker stack deploy` would create by mistake. It looks at the work tree, which Docker
    /// reads, whatever revision this stack was read at.
    pub fn own_deployment(&self) -> OwnDeployment {
        let mut found = OwnDeployment::default();
        let mut asked = HashSet::new();
        for object in &self.desired.objects {
            let path = &object.origin.path;
            if asked.insert(path) && self.is_ciphertext_on_disk(path) {
                found.ciphertext.push(path.clone());
            }
            if !object.is_named_by_variable {
                found.unversioned.push(object.entry_place());
            }
        }
        found
    }

    /// True if the file is ciphertext in the work tree. False if it can't be read, since Docker would not publish it then.
    fn is_ciphertext_on_disk(&self, path: &str) -> bool {
        let Some(top) = self.repository.work_tree().top() else {
            return false;
        };
        let mut beginning = Vec::new();
        File::open(top.join(path))
            .and_then(|file| file.take(Header::LEN as u64).read_to_end(&mut beginning))
            .is_ok_and(|_| Header::is_in(&beginning))
    }
}
