//! Finds the services that get new versions of secrets or configs when files are encrypted with a new key.

use std::collections::{BTreeSet, HashSet};

use crate::repository::Repository;
use crate::stack::desired::DesiredStack;
use crate::stack::find::{Settings, VersionScheme};
use crate::stack::load::{StackQuery, discover, load_partially};
use crate::stack::names::ObjectKind;
use crate::stack::source::Accepted;

/// The names of the services that use one of the files at `paths`, in all stacks of the work tree that can be read. Stacks
/// whose versions are made from plaintext are skipped, since a new key does not change those.
pub(crate) fn services_that_use(
    repository: &Repository,
    environment: &dyn Fn(&str) -> Option<String>,
    paths: &HashSet<String>,
) -> Vec<String> {
    let Ok(settings) = Settings::load(repository, None) else {
        return Vec::new();
    };
    let stacks = discover(repository, &settings, None).unwrap_or_default();
    let mut services = BTreeSet::new();
    for name in stacks {
        if settings.for_objects_of(name.as_str()).scheme != VersionScheme::Blob {
            continue;
        }
        let query = StackQuery {
            name,
            files: Vec::new(),
            revision: None,
            accepted: Accepted::EVERYTHING,
            environment,
        };
        if let Ok(stack) = load_partially(repository, &settings, &query) {
            services.extend(users_of(&stack.desired, paths));
        }
    }
    services.into_iter().collect()
}

fn users_of(stack: &DesiredStack, paths: &HashSet<String>) -> Vec<String> {
    let objects = stack.objects.iter();
    let entries: HashSet<(ObjectKind, &str)> = objects
        .filter(|object| paths.contains(&object.origin.path))
        .map(|object| (object.kind, object.entry.as_str()))
        .collect();
    let services = stack.services.iter().filter(|service| {
        let mut uses = service.uses.iter();
        uses.any(|(kind, key)| entries.contains(&(*kind, key.as_str())))
    });
    services
        .map(|service| stack.name.service_name(&service.name))
        .collect()
}
