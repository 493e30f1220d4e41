//! Tells the observer about unusual things in stacks before work on them begins.

use super::changed_labels::changed_labels;
use super::setting_change::setting_changes;
use super::unverified::unverified;
use crate::repository::{History, Repository};
use crate::stack::{DesiredStack, Settings};
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observer::{Event, Observer};

/// Tells of changed settings, of configs made from encrypted files, of objects that can't be verified, and of changed
/// labels.
pub(crate) fn report_stack_notices(
    repository: &Repository,
    settings: &Settings,
    history: &History<'_>,
    stacks: &[&DesiredStack],
    index: &InventoryIndex<'_>,
    observer: &dyn Observer,
) {
    for change in setting_changes(repository, settings, history, stacks, index.objects()) {
        observer.tell(Event::SettingChanged(&change));
    }
    let configs = stacks
        .iter()
        .flat_map(|stack| stack.configs_from_encrypted_files());
    for config in configs {
        observer.tell(Event::EncryptedConfig(config));
    }
    let unverified = unverified(stacks, index);
    if !unverified.is_empty() {
        observer.tell(Event::Unverified(&unverified));
    }
    let changed = changed_labels(stacks, index);
    if !changed.is_empty() {
        observer.tell(Event::LabelsChanged(&changed));
    }
}
