//! Notices for the user about stacks before work on them begins: changed settings and labels, and objects that can't be
//! verified.

mod changed_labels;
pub(crate) mod report;
pub(crate) mod setting_change;
mod unverified;
