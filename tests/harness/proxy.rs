//! A socket in front of an engine's socket, like that of a socket proxy. Requests and responses can be refused or changed.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;

use tempfile::TempDir;

use super::engine::Engine;

/// A proxy, which ends with the test.
pub struct Proxy(TempDir);

impl Proxy {
    /// Starts a proxy. For each connection, the functions copy the requests and the responses from their first stream to
    /// their second, until one of them returns.
    pub fn new<Requests, Answers>(engine: &Engine, requests: Requests, answers: Answers) -> Self
    where
        Requests: Fn(UnixStream, UnixStream) + Send + Sync + 'static,
        Answers: Fn(UnixStream, UnixStream) + Send + Sync + 'static,
    {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let listener = UnixListener::bind(folder.path().join("socket")).expect("a socket");
        let socket = engine.socket();
        let (requests, answers) = (Arc::new(requests), Arc::new(answers));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let engine = UnixStream::connect(&socket).expect("the engine runs");
                let (asking, asked) = (second_handle(&client), second_handle(&engine));
                let requests = Arc::clone(&requests);
                std::thread::spawn(move || {
                    requests(second_handle(&asking), second_handle(&asked));
                    let _ = asked.shutdown(Shutdown::Write);
                });
                let answers = Arc::clone(&answers);
                std::thread::spawn(move || {
                    answers(second_handle(&engine), second_handle(&client));
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Self(folder)
    }

    /// A proxy that replaces some words in the engine's responses by others of the same length.
    pub fn rewriting(engine: &Engine, words: &'static [(&str, &str)]) -> Self {
        for (from, to) in words {
            assert_eq!(from.len(), to.len(), "{from}");
        }
        let answers = |engine, client| rewrite(engine, client, words);
        Self::new(engine, unchanged, answers)
    }

    /// The address, for `--host` and `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.0.path().join("socket").display())
    }
}

fn second_handle(stream: &UnixStream) -> UnixStream {
    stream.try_clone().expect("a second handle")
}

/// Copies everything unchanged.
pub fn unchanged(mut from: UnixStream, mut to: UnixStream) {
    let mut piece = [0; 65536];
    while let Ok(length) = from.read(&mut piece) {
        if length == 0 || to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
}

fn rewrite(mut engine: UnixStream, mut client: UnixStream, words: &[(&str, &str)]) {
    let mut held_back = Vec::new();
    let mut piece = [0; 65536];
    while let Ok(length) = engine.read(&mut piece) {
        held_back.extend_from_slice(&piece[..length]);
        for (from, to) in words {
            for at in 0..(held_back.len() + 1).saturating_sub(from.len()) {
                if held_back[at..].starts_with(from.as_bytes()) {
                    held_back[at..at + to.len()].copy_from_slice(to.as_bytes());
                }
            }
        }
        // The last bytes may be the beginning of a word.
        let begun = words.iter().map(|(from, _)| {
            let from = from.as_bytes();
            let mut counts = (1..from.len()).rev();
            counts.find(|&count| held_back.ends_with(&from[..count]))
        });
        let begun = begun.flatten().max().filter(|_| length > 0);
        let rest = held_back.split_off(held_back.len() - begun.unwrap_or(0));
        // A client that has closed the connection is not an error.
        if client.write_all(&held_back).is_err() || length == 0 {
            break;
        }
        held_back = rest;
    }
}
