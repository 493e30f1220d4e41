//! Knows the resources: the path and the method of each, and the listener that it is at.

use hyper::body::Incoming as IncomingBody;
use hyper::{Method, Request as HttpRequest, StatusCode};

use crate::serve::deliveries::Forge;
use crate::serve::runs::RunId;

/// The listener that a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// The listener for forges, which the internet may reach.
    Forges,
    /// The listener for the page and the metrics.
    Page,
}

/// The resource that the path of a request names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Hook(Forge),
    Deploy(String),
    Rollback(String),
    Runs,
    Run(RunId),
    /// Readiness: whether the service can deploy.
    Health,
    /// Liveness: whether the service responds.
    Liveness,
    Metrics,
    Overview,
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
        (_, "livez", None) => get(Resource::Liveness),
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

/// True if the client accepts HTML, as browsers do.
pub(super) fn wants_page(request: &HttpRequest<IncomingBody>) -> bool {
    let accept = request.headers().get(hyper::header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// True if a query asks to wait for the end of the runs.
pub(super) fn is_wait(query: &str) -> bool {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    fields.any(|(name, value)| name == "wait" && value == "true")
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
            ("/livez", Some(Resource::Liveness), Some(Resource::Liveness)),
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
