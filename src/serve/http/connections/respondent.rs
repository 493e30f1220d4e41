//! The interface between connections and responses. An updater and a receiver respond in different ways.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Request as HttpRequest, body::Incoming as IncomingBody};

use crate::serve::http::response::HttpResponse;
use crate::serve::http::routes::{Entrance, Resource};
use crate::serve::log::ServiceLog;
use crate::serve::refusals::Refusals;

/// Responds to requests.
pub(in crate::serve::http) trait Respondent: Send + Sync + 'static {
    /// The response to a request for `resource`, which came to `entrance`.
    fn respond(
        self: &Arc<Self>,
        entrance: Entrance,
        resource: Resource,
        request: HttpRequest<IncomingBody>,
    ) -> impl Future<Output = HttpResponse> + Send;

    /// True once the service is to end.
    fn is_stopped(&self) -> bool;

    /// How long a run may take.
    fn longest_run(&self) -> Duration;

    fn log(&self) -> &dyn ServiceLog;

    /// The counts of refused deliveries.
    fn refusals(&self) -> &Refusals;
}
