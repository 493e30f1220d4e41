//! A way to the engine on which everything is a hundred years old: what is to be pruned must have an age.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};

use tempfile::TempDir;

use crate::harness::engine::Engine;

/// The beginning of each time at which something was made.
const CREATED: &[u8] = b"\"CreatedAt\":\"20";

pub(crate) struct Aged(TempDir);

impl Aged {
    pub(crate) fn new(engine: &Engine) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let listener = UnixListener::bind(folder.path().join("socket")).expect("a socket");
        let socket = engine.socket();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let engine = UnixStream::connect(&socket).expect("the engine runs");
                let (mut asking, mut asked) = (
                    client.try_clone().expect("a second handle"),
                    engine.try_clone().expect("a second handle"),
                );
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut asking, &mut asked);
                    let _ = asked.shutdown(Shutdown::Write);
                });
                std::thread::spawn(move || answer(engine, client));
            }
        });
        Self(folder)
    }

    /// What `--host` and `DOCKER_HOST` take.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.0.path().join("socket").display())
    }
}

/// Passes on what the engine says, none of it longer or shorter.
fn answer(mut engine: UnixStream, mut client: UnixStream) {
    let mut held_back = Vec::new();
    let mut piece = [0; 65536];
    while let Ok(length) = engine.read(&mut piece) {
        held_back.extend_from_slice(&piece[..length]);
        for at in 0..held_back.len().saturating_sub(CREATED.len() - 1) {
            if held_back[at..].starts_with(CREATED) {
                held_back[at + CREATED.len() - 2..][..2].copy_from_slice(b"19");
            }
        }
        let begun = (1..CREATED.len()).rev();
        let mut begun = begun.filter(|&count| length > 0 && held_back.ends_with(&CREATED[..count]));
        let rest = held_back.split_off(held_back.len() - begun.next().unwrap_or(0));
        // Whoever has gone is not interested.
        if client.write_all(&held_back).is_err() || length == 0 {
            break;
        }
        held_back = rest;
    }
    let _ = client.shutdown(Shutdown::Both);
}
