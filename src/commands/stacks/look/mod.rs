//! The commands that only show: what is to be done, and what is in the Swarm.

mod compared_services;
pub(super) mod ls;
pub(super) mod networks;
pub(super) mod plan;
mod plan_json;
mod plan_lines;
mod planned_work;
