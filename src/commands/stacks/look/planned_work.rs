//! The work to be done for one stack.

use std::collections::HashMap;

use super::compared_services::ComparedServices;
use crate::commands::stacks::reporting::short_id::short;
use crate::repository::History;
use crate::stack::{DesiredStack, ExternalNetwork, ObjectKind, StackObject};
use crate::swarm::{
    DeploymentDifference, InventoryIndex, Plan, ServiceChange, ServicePruning, SwarmObject,
    UpdateReason, reasons,
};

/// The work to be done for one stack.
pub(super) struct PlannedWork<'a> {
    pub(super) plan: Plan,
    /// Why services would restart.
    pub(super) reasons: Vec<UpdateReason>,
    /// Further changes that a deployment would make.
    pub(super) difference: DeploymentDifference,
    /// The external networks that a deployment would make.
    pub(super) networks: Vec<ExternalNetwork>,
    /// The objects that `prune` would remove.
    pub(super) stale: Vec<SwarmObject>,
    /// True if the stack has services.
    pub(super) has_services: bool,
    /// The field-by-field comparison of its services, if it was asked for.
    pub(super) compared: Option<ComparedServices>,
    /// The treatment of services that are not in the stack's files.
    pub(super) service_pruning: ServicePruning,
    /// The entries of the stack file, by kind and key.
    entries: HashMap<(ObjectKind, &'a str), &'a StackObject>,
}

impl<'a> PlannedWork<'a> {
    pub(super) fn new(
        desired: &'a DesiredStack,
        plan: Plan,
        difference: DeploymentDifference,
        stale: &[SwarmObject],
        index: &InventoryIndex<'_>,
        history: &History<'_>,
    ) -> Self {
        let of_stack = |object: &&SwarmObject| object.labels.in_stack(&desired.name);
        let entries = desired.objects.iter();
        Self {
            reasons: reasons(&plan, index, history),
            plan,
            difference,
            networks: Vec::new(),
            stale: stale.iter().filter(of_stack).cloned().collect(),
            has_services: !desired.services.is_empty(),
            compared: None,
            service_pruning: ServicePruning::Off,
            entries: entries
                .map(|entry| ((entry.kind, entry.entry.as_str()), entry))
                .collect(),
        }
    }

    /// True if there is nothing to do.
    pub(super) fn is_none(&self) -> bool {
        self.plan.is_done()
            && self.stale.is_empty()
            && self.difference.is_none()
            && self.networks.is_empty()
            && !self.removes_services()
            && self.compared.as_ref().is_none_or(ComparedServices::is_none)
    }

    /// True if the docker client is to remove services.
    pub(super) fn removes_services(&self) -> bool {
        self.service_pruning != ServicePruning::Off && !self.difference.surplus_services.is_empty()
    }

    /// True if the stack has services, but no record of what they were deployed from.
    pub(super) fn is_unrecorded(&self) -> bool {
        self.has_services && self.difference.last.is_none()
    }

    /// The first characters of the version in a name; the whole name if it has no version.
    pub(super) fn shown_version(&self, change: &ServiceChange, name: &str) -> String {
        let entry = self.entries.get(&(change.kind, change.entry.as_str()));
        let version = entry.and_then(|entry| entry.pattern.version_in(name));
        version
            .map_or(name, |version| short(version, 12))
            .to_owned()
    }
}
