//! A web server that keeps the requests it receives, and gives the responses that a test chooses.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// Maximum time that a test waits for a request.
const PATIENCE: Duration = Duration::from_secs(90);

/// The server. It ends with the test.
pub(crate) struct Inbox {
    pub(crate) address: SocketAddr,
    received: Receiver<ReceivedRequest>,
}

/// A request.
#[derive(Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Inbox {
    /// A server that gives these responses one after another, and then repeats the last one. Each is a status line with
    /// further headers.
    pub(crate) fn answering(answers: &[&str]) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("a port"), answers)
    }

    /// The same server at this address.
    pub(crate) fn at(listener: TcpListener, answers: &[&str]) -> Self {
        let address = listener.local_addr().expect("an address");
        let (keep, received) = mpsc::channel();
        let mut answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        answers.reverse();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let Some(letter) = read(&mut stream) else {
                    continue;
                };
                let answer = match answers.len() {
                    1 => answers[0].clone(),
                    _ => answers.pop().expect("an answer"),
                };
                let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
                let length = body.len();
                let end = format!("Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
                // The request is stored before the response is sent: a client that has the response can rely on it.
                let _ = keep.send(letter);
                let _ = write!(stream, "HTTP/1.1 {head}\r\n{end}");
            }
        });
        Self { address, received }
    }

    /// The next request.
    #[track_caller]
    pub(crate) fn next(&self) -> ReceivedRequest {
        self.received.recv_timeout(PATIENCE).expect("a request")
    }

    /// True if no further request was received.
    pub(crate) fn is_empty(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

impl ReceivedRequest {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut lines = lines.filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

fn read(stream: &mut TcpStream) -> Option<ReceivedRequest> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut letter = ReceivedRequest {
        head,
        body: Vec::new(),
    };
    let length = letter.header("content-length").map_or("0", |length| length);
    letter.body.resize(length.parse().expect("a length"), 0);
    stream.read_exact(&mut letter.body).ok()?;
    Some(letter)
}
