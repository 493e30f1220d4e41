//! The service that a push reaches: it verifies deliveries, remembers what is to be done, and deploys.
//!
//! `settings` says what it serves. `http` answers: a `reception` takes the `deliveries` of forges, and has their `runs` on the disk
//! before anybody is told; `refusals` of strangers don't fill the log. `work` does the runs: it fetches into a `clone`, and deploys through the Swarm's room when the `window`
//! of the stack is open. `report`, `metrics` and the `page` tell how things are, the log hears the
//! `log`, and `notify` tells somebody elsewhere. `service` puts all
//! of it together, once the `survivors` of a service that was killed have ended. A receiver does none of that: it verifies, and has an updater elsewhere do the rest (`forward`).

mod clone;
mod deliveries;
mod error;
mod forward;
mod http;
mod log;
mod metrics;
mod notify;
mod page;
mod reception;
mod refusals;
mod report;
mod runs;
mod service;
mod settings;
mod survivors;
mod window;
mod work;

pub(crate) use error::ServeError;
pub(crate) use forward::{check_receiver, receive};
pub(crate) use http::WebError;
pub(crate) use log::{LogLevel, LogMessage, ServiceLog};
pub(crate) use runs::JournalError;
pub(crate) use service::{check, serve};
pub(crate) use settings::{
    GivenSettings, PREFIX, ServiceSettings, ServiceSettingsError, SettingProblem, WebAddress,
};
pub(crate) use work::DockerAccess;
