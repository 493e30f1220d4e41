//! An announcement as a request, in the form that its receivers expect.
//!
//! Sources: Slack, "Sending messages using incoming webhooks"; Discord, "Execute Webhook"; ntfy, "Publishing"; Gotify, "Push messages";
//! the Matrix client-server API, "Sending events to a room".

use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use serde_json::{Value, json};

use super::announcement::Announcement;
use super::choices::{AnnouncementFormat, Occasion};
use super::plain::{for_discord, for_slack, without_mentions};
use crate::serve::settings::NotifySettings;

/// Maximum length in characters of a message at Discord.
const MAXIMUM_AT_DISCORD: usize = 2000;

/// The request that sends an announcement. Further attempts have the same `id`.
pub(super) fn request(
    settings: &NotifySettings,
    announcement: &Announcement,
    id: &str,
) -> Result<Request<Vec<u8>>, http::Error> {
    let title = announcement.title();
    let text = announcement.text();
    let mut headers = HeaderMap::new();
    let mut method = Method::POST;
    let mut address = settings.address.expose();
    let body = match settings.format {
        AnnouncementFormat::Json => Message::Json(document(announcement)),
        AnnouncementFormat::Slack => Message::Json(json!({
            "text": for_slack(&format!("{title}\n{text}")),
            "mrkdwn": false,
            "unfurl_links": false,
            "unfurl_media": false,
        })),
        AnnouncementFormat::Discord => {
            let content = format!("**{}**\n{}", for_discord(&title), for_discord(&text));
            let content: String = content.chars().take(MAXIMUM_AT_DISCORD).collect();
            /// Discord's flag for messages without previews of links.
            const SUPPRESS_EMBEDS: u32 = 1 << 2;
            Message::Json(json!({
                "content": content,
                "allowed_mentions": { "parse": [] },
                "flags": SUPPRESS_EMBEDS,
            }))
        }
        AnnouncementFormat::Ntfy => {
            let (priority, tag) = match announcement.occasion {
                Occasion::Failure => ("high", "rotating_light"),
                Occasion::Recovery => ("default", "white_check_mark"),
                Occasion::Deploy => ("low", "rocket"),
            };
            for (name, value) in [("title", &*title), ("priority", priority), ("tags", tag)] {
                headers.insert(name, HeaderValue::from_str(value)?);
            }
            Message::Text(text)
        }
        AnnouncementFormat::Gotify => {
            address = settings.address.below("message");
            let priority = match announcement.occasion {
                Occasion::Failure => 8,
                Occasion::Recovery => 5,
                Occasion::Deploy => 2,
            };
            Message::Json(json!({ "title": title, "message": text, "priority": priority }))
        }
        AnnouncementFormat::Matrix => {
            method = Method::PUT;
            let room = settings.room.as_deref().unwrap_or_default();
            let room: String = form_urlencoded::byte_serialize(room.as_bytes()).collect();
            let path = format!("_matrix/client/v3/rooms/{room}/send/m.room.message/{id}");
            address = settings.address.below(&path);
            Message::Json(json!({
                "msgtype": "m.notice",
                "body": without_mentions(&format!("{title}\n{text}")),
                "m.mentions": {},
            }))
        }
    };
    if let Some(token) = &settings.token {
        let (name, value) = match settings.format {
            AnnouncementFormat::Gotify => (HeaderName::from_static("x-gotify-key"), token.expose()),
            _ => (AUTHORIZATION, format!("Bearer {}", token.expose())),
        };
        let mut value = HeaderValue::try_from(value)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let (kind, body) = match body {
        Message::Json(document) => ("application/json", document.to_string()),
        Message::Text(text) => ("text/plain; charset=utf-8", text),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(USER_AGENT, HeaderValue::from_static("hs-secrets"));
    let mut request = Request::builder().method(method).uri(address);
    if let Some(there) = request.headers_mut() {
        *there = headers;
    }
    request.body(body.into_bytes())
}

/// The body of a message.
enum Message {
    Json(Value),
    Text(String),
}

/// The announcement as JSON, for programs.
fn document(announcement: &Announcement) -> Value {
    json!({
        "event": announcement.occasion.word(),
        "stack": announcement.stack,
        "run": announcement.run,
        "state": announcement.state,
        "commit": announcement.commit,
        "because": announcement.because,
        "reason": announcement.reason,
        "time": announcement.time,
        "text": format!("{}\n{}", announcement.title(), announcement.text()),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::serve::runs::RunId;
    use crate::serve::settings::{BearerToken, WebAddress};

    fn sent(format: AnnouncementFormat) -> Request<Vec<u8>> {
        let address = WebAddress::parse("https://h.example/base/").expect("an address");
        let settings = NotifySettings {
            address,
            format,
            occasions: Vec::new(),
            token: Some(BearerToken::parse("t0ken").expect("a token")),
            room: Some("!a:h.example".to_owned()),
        };
        let announcement = Announcement {
            occasion: Occasion::Failure,
            stack: "web_1".to_owned(),
            run: RunId(7),
            state: "failed",
            commit: None,
            because: "push",
            reason: Some("<!channel> @everyone *x*".to_owned()),
            time: Timestamp::UNIX_EPOCH,
        };
        request(&settings, &announcement, "id7").expect("a request")
    }

    fn body(request: &Request<Vec<u8>>) -> Value {
        serde_json::from_slice(request.body()).expect("JSON")
    }

    fn header<'request>(request: &'request Request<Vec<u8>>, name: &str) -> &'request str {
        let value = request.headers().get(name).map(|value| value.to_str());
        value.map_or("", |value| value.expect("text"))
    }

    #[test]
    fn programs_get_all_of_it() {
        let request = sent(AnnouncementFormat::Json);
        assert_eq!(request.uri(), "https://h.example/base/");
        assert_eq!(header(&request, "authorization"), "Bearer t0ken");
        let document = body(&request);
        assert_eq!(document["event"], "failure");
        assert_eq!(document["stack"], "web_1");
        assert_eq!(document["run"], 7);
        assert_eq!(document["time"], "1970-01-01T00:00:00Z");
        assert_eq!(document["reason"], "<!channel> @everyone *x*");
    }

    #[test]
    fn slack_and_discord_neither_ping_nor_format() {
        let slack = body(&sent(AnnouncementFormat::Slack));
        let text = "web_1: deployment failed\nrun 7 (push): &lt;!channel&gt; @\u{200b}everyone *x*";
        assert_eq!(slack["text"], text);
        assert_eq!(slack["mrkdwn"], false);
        let discord = body(&sent(AnnouncementFormat::Discord));
        let content = discord["content"].as_str().expect("text");
        assert!(
            content.starts_with("**web\\_1\\: deployment failed**\n"),
            "{content}"
        );
        assert!(
            content.ends_with("\\<!channel\\> @\u{200b}everyone \\*x\\*"),
            "{content}"
        );
        assert_eq!(discord["allowed_mentions"], json!({ "parse": [] }));
    }

    #[test]
    fn ntfy_gotify_and_matrix_get_theirs() {
        let ntfy = sent(AnnouncementFormat::Ntfy);
        assert_eq!(header(&ntfy, "title"), "web_1: deployment failed");
        assert_eq!(header(&ntfy, "priority"), "high");
        assert!(ntfy.body().starts_with(b"run 7 (push): "));
        let gotify = sent(AnnouncementFormat::Gotify);
        assert_eq!(gotify.uri(), "https://h.example/base/message");
        assert_eq!(header(&gotify, "x-gotify-key"), "t0ken");
        assert_eq!(body(&gotify)["priority"], 8);
        let matrix = sent(AnnouncementFormat::Matrix);
        assert_eq!(matrix.method(), Method::PUT);
        let path = "/base/_matrix/client/v3/rooms/%21a%3Ah.example/send/m.room.message/id7";
        assert_eq!(matrix.uri().path(), path);
        assert_eq!(header(&matrix, "authorization"), "Bearer t0ken");
        assert_eq!(body(&matrix)["m.mentions"], json!({}));
    }
}
