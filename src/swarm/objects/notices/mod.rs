//! Notices about stacks before work for them begins: changed settings and labels, objects that can't be verified.

mod changed_labels;
pub(crate) mod setting_change;
pub(crate) mod tell;
mod unverified;
