//! The forges: how each names an event and a delivery. The path that a delivery came to says which forge it is.

use http::HeaderMap;

use super::standard;

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forge {
    GitHub,
    /// Gitea, Forgejo and Gogs.
    Gitea,
    GitLab,
    /// Bitbucket, in the cloud and in a data centre.
    Bitbucket,
}

/// The kind of an event, from a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventKind {
    /// Something was pushed.
    Push,
    /// The forge tests the hook.
    Ping,
    /// Any other event. The service ignores it.
    Other,
}

impl Forge {
    /// All forges, each with the last part of its path below `/hooks/`.
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("github", Self::GitHub),
        ("gitea", Self::Gitea),
        ("gitlab", Self::GitLab),
        ("bitbucket", Self::Bitbucket),
    ];

    /// The last part of the path below `/hooks/`.
    pub(crate) fn word(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|(_, forge)| *forge == self);
        found.map_or("", |(word, _)| word)
    }

    /// The kind of event that the headers name.
    pub(super) fn event(self, headers: &HeaderMap) -> EventKind {
        let named = |header: &str| headers.get(header).and_then(|value| value.to_str().ok());
        match self {
            Self::GitHub => word(named("x-github-event")),
            Self::Gitea => {
                let own = ["x-forgejo-event", "x-gitea-event", "x-gogs-event"];
                word(own.into_iter().find_map(named))
            }
            Self::GitLab => match named("x-gitlab-event") {
                // A system hook says in its body what it is about.
                Some("Push Hook" | "System Hook") => EventKind::Push,
                _ => EventKind::Other,
            },
            Self::Bitbucket => match named("x-event-key") {
                Some("repo:push" | "repo:refs_changed") => EventKind::Push,
                Some("diagnostics:ping") => EventKind::Ping,
                _ => EventKind::Other,
            },
        }
    }

    /// The id of the delivery. A forge that sends a delivery again keeps its id.
    pub(super) fn delivery_id(self, headers: &HeaderMap) -> Option<String> {
        let names: &[&str] = match self {
            Self::GitHub => &["x-github-delivery"],
            Self::Gitea => &["x-forgejo-delivery", "x-gitea-delivery", "x-gogs-delivery"],
            Self::GitLab => &["idempotency-key", "x-gitlab-event-uuid"],
            Self::Bitbucket => &["x-request-uuid", "x-request-id"],
        };
        // The id of the Standard Webhooks comes first if it is signed.
        let is_standard = headers.contains_key(standard::SIGNATURE);
        let own = is_standard.then_some(standard::ID);
        let names = own.into_iter().chain(names.iter().copied());
        let mut values = names.filter_map(|name| headers.get(name)?.to_str().ok());
        values.find(|id| is_plain(id)).map(str::to_owned)
    }
}

fn word(event: Option<&str>) -> EventKind {
    match event {
        Some("push") => EventKind::Push,
        Some("ping") => EventKind::Ping,
        _ => EventKind::Other,
    }
}

/// True if an id is safe in a log and in a file. Forges use UUIDs, or words like them.
fn is_plain(id: &str) -> bool {
    /// Maximum length of an id in bytes.
    const MAXIMUM_LEN: usize = 128;
    let is_of_id = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.:{}".contains(&letter);
    (1..=MAXIMUM_LEN).contains(&id.len()) && id.bytes().all(is_of_id)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(named: &[(&'static str, &'static str)]) -> HeaderMap {
        let named = named.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        named.collect()
    }

    #[test]
    fn the_path_says_which_header_counts() {
        // Forgejo sends the headers of its ancestors and of GitHub, too.
        let forgejo = headers(&[
            ("x-forgejo-event", "push"),
            ("x-gitea-event", "ping"),
            ("x-github-event", "ping"),
            ("x-forgejo-delivery", "f1"),
            ("x-github-delivery", "g1"),
        ]);
        assert_eq!(Forge::Gitea.event(&forgejo), EventKind::Push);
        assert_eq!(Forge::Gitea.delivery_id(&forgejo).as_deref(), Some("f1"));
        assert_eq!(Forge::GitHub.event(&forgejo), EventKind::Ping);
        assert_eq!(Forge::GitHub.delivery_id(&forgejo).as_deref(), Some("g1"));
        for (forge, header, value, kind) in [
            (
                Forge::GitLab,
                "x-gitlab-event",
                "Push Hook",
                EventKind::Push,
            ),
            (
                Forge::GitLab,
                "x-gitlab-event",
                "Tag Push Hook",
                EventKind::Other,
            ),
            (
                Forge::Bitbucket,
                "x-event-key",
                "repo:push",
                EventKind::Push,
            ),
            (
                Forge::Bitbucket,
                "x-event-key",
                "repo:refs_changed",
                EventKind::Push,
            ),
            (
                Forge::Bitbucket,
                "x-event-key",
                "diagnostics:ping",
                EventKind::Ping,
            ),
            (Forge::GitHub, "x-github-event", "issues", EventKind::Other),
        ] {
            assert_eq!(forge.event(&headers(&[(header, value)])), kind, "{value}");
        }
    }

    #[test]
    fn an_id_that_is_not_signed_does_not_hide_the_forge_s() {
        let of = |named: &[(&'static str, &'static str)]| {
            let own = [("x-github-delivery", "g1"), ("webhook-id", "w1")];
            Forge::GitHub.delivery_id(&headers(&[&own[..], named].concat()))
        };
        assert_eq!(of(&[]).as_deref(), Some("g1"));
        assert_eq!(of(&[("webhook-signature", "v1,x")]).as_deref(), Some("w1"));
        let odd = [("x-forgejo-delivery", "a b"), ("x-gitea-delivery", "e1")];
        let odd = Forge::Gitea.delivery_id(&headers(&odd));
        assert_eq!(odd.as_deref(), Some("e1"));
    }

    #[test]
    fn an_id_that_could_forge_a_line_is_none() {
        for (id, is_taken) in [
            ("72d3162e-cc78-11e3-81ab-4c9367dc0958", true),
            ("{a5bb}", true),
            ("", false),
            ("a b", false),
            ("../../etc", false),
        ] {
            let id_of = Forge::GitHub.delivery_id(&headers(&[("x-github-delivery", id)]));
            assert_eq!(id_of.is_some(), is_taken, "{id}");
        }
    }
}
