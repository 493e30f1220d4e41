//! Notifications about the end of runs, by one webhook.
//!
//! `choices` are made by the user, in the settings. A `lookout` finds events in the queue of runs, and makes an `announcement` of each.
//! `format` makes the request that its receiver expects; `plain` keeps text that others control from pinging people. The `notifier` sends
//! the request in a thread of its own: no run waits for it.

mod announcement;
mod choices;
mod format;
mod lookout;
mod notifier;
mod plain;

pub(crate) use choices::{AnnouncementFormat, Occasion};
pub(crate) use notifier::{AnnouncementCounts, Notifier};
