//! A way to the engine on which everything is a hundred years old: what is to be pruned must have an age.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crate::harness::engine::Engine;
use crate::harness::proxy::{Proxy, unchanged};

/// The beginning of each time at which something was made.
const CREATED: &[u8] = b"\"CreatedAt\":\"20";

pub(crate) fn aged(engine: &Engine) -> Proxy {
    Proxy::new(engine, unchanged, answer)
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
}
