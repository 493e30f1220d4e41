//! The services of a stack, compared field by field with those in the Swarm: for `plan --diff`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::Context;
use crate::commands::stacks::reporting::several::several;
use crate::failure::Failure;
use crate::stack::{ServiceFields, Stack, StackError};
use crate::swarm::{DeploymentDifference, FieldChange, field_changes};
use crate::terminal::Colour;

/// The reason why a service can't be compared at all.
const MERGED: &str = "which several files define";

/// The services of a stack beside those in the Swarm.
#[derive(Serialize)]
pub(super) struct ComparedServices {
    /// The services with changed fields.
    changed: Vec<ChangedService>,
    /// Services whose fields outside of the comparison may change, since an input of the stack has changed.
    may_change: Vec<String>,
    /// Descriptions of services, or of fields, that can't be compared.
    not_compared: Vec<String>,
    /// For each list of fields that can't be compared, the services that have these fields.
    #[serde(skip)]
    unknown: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize)]
struct ChangedService {
    service: String,
    changes: Vec<FieldChange>,
}

impl ComparedServices {
    /// Compares the services of `stack` with those in `there`, which the Swarm has. Services that are not there are left out.
    pub(super) fn of(
        stack: &Stack<'_>,
        there: &BTreeMap<String, ServiceFields>,
        difference: &DeploymentDifference,
    ) -> Result<Self, StackError> {
        let wanted = stack.service_fields(&|name| std::env::var(name).ok())?;
        let mut compared = Self {
            changed: Vec::new(),
            may_change: Vec::new(),
            not_compared: Vec::new(),
            unknown: BTreeMap::new(),
        };
        for (service, wanted) in &wanted.services {
            let Some(there) = there.get(service) else {
                continue;
            };
            let changes = field_changes(wanted, there);
            if !changes.is_empty() {
                let service = service.clone();
                compared.changed.push(ChangedService { service, changes });
            }
            if !difference.is_input_as_before() {
                compared.may_change.push(service.clone());
            }
            if !wanted.unknown.is_empty() {
                let unknown: Vec<&str> = wanted.unknown.iter().copied().collect();
                let unknown = unknown.join(", ");
                compared
                    .not_compared
                    .push(format!("{unknown} of {service}"));
                let services = compared.unknown.entry(unknown).or_default();
                services.push(service.clone());
            }
        }
        for service in &wanted.merged {
            let text = format!("{service}, which several files define");
            compared.not_compared.push(text);
            let fields = compared.unknown.entry(MERGED.to_owned()).or_default();
            fields.push(service.clone());
        }
        Ok(compared)
    }

    /// True if no compared field changes.
    pub(super) fn is_none(&self) -> bool {
        self.changed.is_empty()
    }

    /// Prints each changed field, and says what else may change.
    pub(super) fn show(&self, context: &Context) -> Result<(), Failure> {
        let terminal = &context.terminal;
        for ChangedService { service, changes } in &self.changed {
            terminal.coloured_line(Colour::Yellow, "change", &format!("service {service}"))?;
            for change in changes {
                terminal.line(format_args!("  {change}"))?;
            }
        }
        if !self.may_change.is_empty() {
            let services = several(&self.may_change);
            terminal.info(format_args!("other fields may change: {services}"));
        }
        for (fields, services) in &self.unknown {
            let services = several(services);
            if fields == MERGED {
                terminal.info(format_args!("not compared: {services}, {MERGED}"));
            } else {
                terminal.info(format_args!("not compared: {fields} of {services}"));
            }
        }
        Ok(())
    }
}
