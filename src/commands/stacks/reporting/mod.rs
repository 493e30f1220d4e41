//! How the commands report what happens: lines, warnings, counts, ages.

pub(super) mod age;
pub(super) mod encrypted_configs;
pub(super) mod newlines;
pub(super) mod progress_reporter;
pub(super) mod reasons;
pub(super) mod service_board;
pub(super) mod setting_changes;
pub(super) mod several;
pub(super) mod short_id;
pub(super) mod sources;
pub(super) mod tally;
pub(super) mod unverified;
