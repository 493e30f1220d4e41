//! The verbs that only look: what is to be done, and what is there.

mod compared_services;
pub(super) mod ls;
pub(super) mod networks;
pub(super) mod plan;
mod plan_json;
mod plan_lines;
mod planned_work;
