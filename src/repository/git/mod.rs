//! Git itself: running the program, its configuration, and the drivers that make it call this program.

pub(super) mod config_edit;
pub(super) mod configuration;
pub(super) mod configured_filter;
pub(super) mod driver;
pub(super) mod drivers;
pub(super) mod failed_fetch;
pub(super) mod filter_program;
pub(super) mod hooks;
pub(super) mod linked_dirs;
pub(super) mod post_checkout;
pub(super) mod program;
pub(super) mod three_way;
