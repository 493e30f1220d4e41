//! Notifications: somebody is told how runs end, by one webhook.
//!
//! `choices` are the user's, in the settings. A `lookout` sees in the runs what there is to tell, an `announcement` each. `format` writes it
//! as its receivers expect it, in which `plain` keeps words that others control from pinging people. The `notifier` sends it, in a thread of
//! its own: no run waits for it.

mod announcement;
mod choices;
mod format;
mod lookout;
mod notifier;
mod plain;

pub(crate) use choices::{AnnouncementFormat, Occasion};
pub(crate) use notifier::{AnnouncementCounts, Notifier};
