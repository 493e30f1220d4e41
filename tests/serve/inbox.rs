//! A web server that keeps what it gets, and answers as it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// How long a request may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(90);

/// The server. It ends with the test.
pub(crate) struct Inbox {
    pub(crate) address: SocketAddr,
    received: Receiver<Letter>,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Inbox {
    /// Gives these answers, each a status with further headers, one after the other; the last one from then on.
    pub(crate) fn answering(answers: &[&str]) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("a port"), answers)
    }

    /// Gives them at this address.
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
                // Whoever has the answer finds the request here.
                let _ = keep.send(letter);
                let _ = write!(stream, "HTTP/1.1 {head}\r\n{end}");
            }
        });
        Self { address, received }
    }

    /// The next request.
    #[track_caller]
    pub(crate) fn next(&self) -> Letter {
        self.received.recv_timeout(PATIENCE).expect("a request")
    }

    /// True if nothing has come since.
    pub(crate) fn is_empty(&self) -> bool {
        self.received.try_recv().is_err()
    }
}

impl Letter {
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

fn read(stream: &mut TcpStream) -> Option<Letter> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut letter = Letter {
        head,
        body: Vec::new(),
    };
    let length = letter.header("content-length").map_or("0", |length| length);
    letter.body.resize(length.parse().expect("a length"), 0);
    stream.read_exact(&mut letter.body).ok()?;
    Some(letter)
}
