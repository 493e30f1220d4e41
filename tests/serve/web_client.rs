//! An HTTP client that can also send malformed and incomplete requests.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The secret with which the webhooks are signed.
pub(crate) const SECRET: &str = "a secret of these hooks alone";

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The number and state of the stack's run in a response.
    pub(crate) fn run_of(&self, stack: &str) -> (u64, String) {
        let document = self.json();
        let runs = document["runs"].as_array().expect("runs");
        let run = runs.iter().find(|run| run["stack"] == stack);
        let run = run.unwrap_or_else(|| panic!("no run of {stack}: {document}"));
        let number = run["run"].as_u64().expect("a number");
        (number, run["state"].as_str().expect("a state").to_owned())
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// Sends a request exactly as given, and reads the whole response.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = connect(address);
    // A server that refuses a request early does not read the rest.
    let _ = stream.write_all(request);
    reply(&mut stream)
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the service listens");
    let patience = Some(Duration::from_secs(120));
    stream.set_read_timeout(patience).expect("a timeout");
    stream
}

/// A connection from the address `own` of this machine.
pub(crate) fn connect_from(own: &str, address: SocketAddr) -> TcpStream {
    let own = SocketAddr::new(own.parse().expect("an address"), 0);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    let stream = runtime.expect("a runtime").block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(own).expect("it is an address of this machine");
        let stream = socket.connect(address).await;
        stream.expect("the service listens").into_std()
    });
    let stream = stream.expect("a stream");
    stream.set_nonblocking(false).expect("a stream that waits");
    stream
}

pub(crate) fn reply(stream: &mut TcpStream) -> Reply {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    // A connection that is reset after the response is not an error.
    while let Ok(count) = read_some(stream, &mut piece) {
        if count == 0 {
            break;
        }
        text.extend_from_slice(&piece[..count]);
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Reply {
        status: status.unwrap_or_default(),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

fn read_some(stream: &mut TcpStream, piece: &mut [u8]) -> io::Result<usize> {
    stream.read(piece)
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Reply {
    get_as(address, path, "Accept: application/json\r\n")
}

pub(crate) fn get_as(address: SocketAddr, path: &str, headers: &str) -> Reply {
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
    exchange(address, request.as_bytes())
}

pub(crate) fn post(address: SocketAddr, path: &str, headers: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: test\r\n{headers}Content-Length: {length}\r\n\r\n");
    exchange(address, &[head.as_bytes(), body].concat())
}

/// The headers that GitHub sends with this body, signed with the secret.
pub(crate) fn github_headers(delivery: &str, body: &[u8]) -> String {
    github_headers_signed(delivery, "push", &signature(SECRET, body))
}

pub(crate) fn github_headers_signed(delivery: &str, event: &str, signature: &str) -> String {
    format!(
        "Content-Type: application/json\r\nX-GitHub-Event: {event}\r\nX-GitHub-Delivery: {delivery}\r\nX-Hub-Signature-256: sha256={signature}\r\n"
    )
}

/// The hexadecimal HMAC-SHA256 of a body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    code.update(body);
    let code = code.finalize().into_bytes();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The body that GitHub sends for a push to a branch of a repository.
pub(crate) fn github_push(repository: &str, branch: &str, commit: &str) -> Vec<u8> {
    let mut push: Value =
        serde_json::from_str(include_str!("../../fixtures/webhooks/github-push.json"))
            .expect("JSON");
    push["ref"] = format!("refs/heads/{branch}").into();
    push["after"] = commit.into();
    push["repository"]["full_name"] = repository.into();
    push.to_string().into_bytes()
}
