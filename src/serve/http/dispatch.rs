//! Has each request to an updater answered by the file that is about its resource.

use std::sync::Arc;
use std::time::Duration;

use hyper::Request as HttpRequest;
use hyper::body::Incoming as IncomingBody;

use super::connections::{Listeners, Respondent, answer_requests};
use super::response::{HttpResponse, alive};
use super::routes::{Entrance, Resource, wants_page};
use super::site::Site;
use crate::serve::error::ServeError;
use crate::serve::log::ServiceLog;
use crate::serve::refusals::Refusals;
use crate::serve::work::Updater;

/// Answers requests about the runs of an updater until the service is to end.
pub(crate) fn serve_http(listeners: Listeners, updater: Arc<Updater>) -> Result<(), ServeError> {
    answer_requests(&Arc::new(Site::new(updater)), listeners)
}

impl Respondent for Site {
    async fn respond(
        self: &Arc<Self>,
        entrance: Entrance,
        resource: Resource,
        request: HttpRequest<IncomingBody>,
    ) -> HttpResponse {
        match resource {
            Resource::Hook(forge) => self.hook(forge, request).await,
            Resource::Deploy(stack) => self.deploy(&stack, request).await,
            Resource::Rollback(stack) => self.rollback(&stack, request).await,
            Resource::Runs => {
                let refused = self.without_access(entrance, &request);
                self.unless(refused, |site| site.runs()).await
            }
            Resource::Run(id) => {
                let is_page = entrance == Entrance::Page && wants_page(&request);
                let refused = self.without_access(entrance, &request);
                self.unless(refused, move |site| site.run(id, is_page))
                    .await
            }
            Resource::Health => self.health(),
            Resource::Liveness => alive(),
            Resource::Metrics => self.in_thread(|site| site.metrics()).await,
            Resource::Overview => self.in_thread(|site| site.overview()).await,
        }
    }

    fn is_stopped(&self) -> bool {
        (self.updater.parts().is_stopped)()
    }

    fn longest_run(&self) -> Duration {
        self.updater.parts().settings.timeout
    }

    fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    fn log(&self) -> &dyn ServiceLog {
        &*self.updater.parts().log
    }
}

impl Site {
    /// The refusal if there is one, otherwise the response that another thread makes.
    async fn unless(
        self: &Arc<Self>,
        refused: Option<HttpResponse>,
        respond: impl FnOnce(&Arc<Self>) -> HttpResponse + Send + 'static,
    ) -> HttpResponse {
        match refused {
            Some(refused) => refused,
            None => self.in_thread(respond).await,
        }
    }
}
