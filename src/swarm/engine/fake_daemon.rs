//! A fake daemon whose responses a test chooses.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::connect::RequestLimits;
use super::{DockerEngine, Endpoint, EngineError};

/// The response to a request, chosen by the request's first line.
pub(super) enum Answer {
    Json(u16, String),
    /// No response within any time limit.
    Silence,
    /// A response that comes after the time limit of ordinary requests.
    Late(Box<Answer>),
    /// Closes the connection without a response.
    HangUp,
    /// A response with this status whose body never ends.
    Endless(u16),
    /// The response that an object was created, after a delay. It counts how many requests wait for it at the same time.
    Slowly {
        under_way: Arc<AtomicUsize>,
        highest: Arc<AtomicUsize>,
    },
}

pub(super) struct FakeDaemon {
    folder: TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FakeDaemon {
    pub(super) fn new(mut answer: impl FnMut(&str) -> Answer + Send + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listener = UnixListener::bind(folder.path().join("socket")).expect("a socket");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                let request = read_request(&stream);
                log.lock().expect("nobody panics").push(request.clone());
                reply(stream, answer(&request));
            }
        });
        Self { folder, asked }
    }

    pub(super) fn connect(&self) -> Result<DockerEngine, EngineError> {
        let endpoint = Endpoint::Unix(self.folder.path().join("socket"));
        let asked = Arc::clone(&self.asked);
        let notice = move |why: &str| {
            let mut asked = asked.lock().expect("nobody panics");
            asked.push(format!("notice: {why}"));
        };
        let limits = RequestLimits {
            time: Duration::from_millis(1200),
            length: 1 << 20,
        };
        DockerEngine::connect_within(limits, &endpoint, notice)
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics").clone()
    }
}

/// Reads a whole request and returns its first line.
fn read_request(stream: &UnixStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a request");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().trim_end_matches(" HTTP/1.1").to_owned());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    lines.swap_remove(0)
}

fn reply(mut stream: UnixStream, answer: Answer) {
    match answer {
        Answer::Json(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
            );
            // Ignore an error: the client may have closed the connection.
            let _ = stream.write_all((head + &body).as_bytes());
        }
        Answer::Silence => {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(5));
                drop(stream);
            });
        }
        Answer::Late(answer) => {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(2));
                reply(stream, *answer);
            });
        }
        Answer::HangUp => drop(stream),
        Answer::Endless(status) => {
            std::thread::spawn(move || {
                let head =
                    format!("HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\n\r\n");
                let mut piece = head.into_bytes();
                while stream.write_all(&piece).is_ok() {
                    piece = vec![b' '; 65536];
                }
            });
        }
        Answer::Slowly { under_way, highest } => {
            let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
            highest.fetch_max(now, Ordering::SeqCst);
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                under_way.fetch_sub(1, Ordering::SeqCst);
                reply(stream, ok(r#"{"ID": "x"}"#));
            });
        }
    }
}

pub(super) fn ok(body: &str) -> Answer {
    Answer::Json(200, body.to_owned())
}

pub(super) fn refusal(status: u16, message: &str) -> Answer {
    Answer::Json(
        status,
        serde_json::json!({ "message": message }).to_string(),
    )
}

/// Answers `/version` like a normal daemon, and everything else with `answer`.
pub(super) fn after_greeting(
    mut answer: impl FnMut(&str) -> Answer + Send + 'static,
) -> impl FnMut(&str) -> Answer + Send + 'static {
    move |request| match request {
        "GET /version" => ok(r#"{"ApiVersion": "1.47"}"#),
        _ => answer(request),
    }
}
