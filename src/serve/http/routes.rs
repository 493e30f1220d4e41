//! Who answers which request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use hyper::body::Incoming as IncomingBody;
use hyper::{Method, Request as HttpRequest, StatusCode};

use super::answer::{HttpAnswer, refusal};
use super::body::Room;
use super::listener::Respondent;
use crate::serve::deliveries::Forge;
use crate::serve::news::ServiceLog;
use crate::serve::refusals::Refusals;
use crate::serve::runs::RunId;
use crate::serve::work::Updater;

/// The listener that a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// The one for forges, which the internet may reach.
    Forges,
    /// The one for the page and the metrics.
    Page,
}

/// All that answers need.
pub(super) struct Site {
    pub(super) updater: Arc<Updater>,
    pub(super) room: Arc<Room>,
    pub(super) accepted: AtomicU64,
    pub(super) refusals: Refusals,
}

/// A request, by its path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Hook(Forge),
    Deploy(String),
    Rollback(String),
    Runs,
    Run(RunId),
    Health,
    Metrics,
    Overview,
}

impl Respondent for Site {
    async fn respond(
        self: &Arc<Self>,
        entrance: Entrance,
        request: HttpRequest<IncomingBody>,
    ) -> HttpAnswer {
        let resource = match asked(entrance, &request) {
            Ok(resource) => resource,
            Err((status, why)) => return refusal(status, why),
        };
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
    pub(super) fn new(updater: Arc<Updater>) -> Self {
        Self {
            updater,
            room: Arc::default(),
            accepted: AtomicU64::new(0),
            refusals: Refusals::default(),
        }
    }

    /// This refusal, or the answer that another thread makes.
    async fn unless(
        self: &Arc<Self>,
        refused: Option<HttpAnswer>,
        answer: impl FnOnce(&Arc<Self>) -> HttpAnswer + Send + 'static,
    ) -> HttpAnswer {
        match refused {
            Some(refused) => refused,
            None => self.in_thread(answer).await,
        }
    }

    /// The answer that is made by another thread: it may wait for the disk, or takes a while. Others are answered meanwhile.
    pub(super) async fn in_thread(
        self: &Arc<Self>,
        answer: impl FnOnce(&Arc<Self>) -> HttpAnswer + Send + 'static,
    ) -> HttpAnswer {
        let site = Arc::clone(self);
        let answered = tokio::task::spawn_blocking(move || answer(&site)).await;
        answered.unwrap_or_else(|_| {
            let why = "an error in this program";
            refusal(StatusCode::INTERNAL_SERVER_ERROR, why)
        })
    }
}

/// The resource that a request asks for, or why there is none.
pub(super) fn asked(
    entrance: Entrance,
    request: &HttpRequest<IncomingBody>,
) -> Result<Resource, (StatusCode, String)> {
    let Some((method, resource)) = resource(entrance, request.uri().path()) else {
        let why = "there is nothing at this path";
        return Err((StatusCode::NOT_FOUND, why.to_owned()));
    };
    let is_look = method == Method::GET && request.method() == Method::HEAD;
    if *request.method() != method && !is_look {
        let why = format!("only {method} has a meaning here");
        return Err((StatusCode::METHOD_NOT_ALLOWED, why));
    }
    Ok(resource)
}

/// The resource at a path, and the one method that it has.
fn resource(entrance: Entrance, path: &str) -> Option<(Method, Resource)> {
    let mut parts = path.trim_matches('/').splitn(3, '/');
    let parts = [parts.next(), parts.next(), parts.next()];
    let [first, second, None] = parts else {
        return None;
    };
    let get = |resource| Some((Method::GET, resource));
    match (entrance, first?, second) {
        (_, "healthz", None) => get(Resource::Health),
        (_, "runs", None) => get(Resource::Runs),
        (_, "runs", Some(id)) => get(Resource::Run(RunId(id.parse().ok()?))),
        (Entrance::Forges, "hooks", Some(name)) => {
            let mut forges = Forge::ALL.into_iter();
            let (_, forge) = forges.find(|(word, _)| *word == name)?;
            Some((Method::POST, Resource::Hook(forge)))
        }
        (Entrance::Forges, "deploy", Some(stack)) => {
            Some((Method::POST, Resource::Deploy(stack.to_owned())))
        }
        (Entrance::Forges, "rollback", Some(stack)) => {
            Some((Method::POST, Resource::Rollback(stack.to_owned())))
        }
        (Entrance::Page, "metrics", None) => get(Resource::Metrics),
        (Entrance::Page, "", None) => get(Resource::Overview),
        _ => None,
    }
}

/// True if a browser asks.
fn wants_page(request: &HttpRequest<IncomingBody>) -> bool {
    let accept = request.headers().get(hyper::header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_the_metrics_are_behind_their_own_door() {
        let at = |entrance, path| resource(entrance, path).map(|(_, resource)| resource);
        for (path, forges, page) in [
            ("/hooks/github", Some(Resource::Hook(Forge::GitHub)), None),
            ("/hooks/gitea", Some(Resource::Hook(Forge::Gitea)), None),
            ("/hooks/other", None, None),
            (
                "/deploy/web",
                Some(Resource::Deploy("web".to_owned())),
                None,
            ),
            ("/deploy", None, None),
            ("/deploy/web/now", None, None),
            ("/metrics", None, Some(Resource::Metrics)),
            ("/", None, Some(Resource::Overview)),
            ("/healthz", Some(Resource::Health), Some(Resource::Health)),
            (
                "/runs/7",
                Some(Resource::Run(RunId(7))),
                Some(Resource::Run(RunId(7))),
            ),
            ("/runs/x", None, None),
        ] {
            assert_eq!(at(Entrance::Forges, path), forges, "{path}");
            assert_eq!(at(Entrance::Page, path), page, "{path}");
        }
    }
}
