//! Pkt-lines: no bytes make the reader or the filter process panic, or wait for more than there is.
#![no_main]

use hs_secrets::internals::{FileKey, KeyFile, KeyName};
use hs_secrets::internals::{Packet, PacketReader, serve};
use libfuzzer_sys::fuzz_target;

/// What Git says first, so that what follows is understood as requests.
const GREETING: &[u8] =
    b"0016git-filter-client\n000eversion=2\n00000015capability=clean\n0016capability=smudge\n0000";

fuzz_target!(|bytes: &[u8]| {
    let mut reader = PacketReader::new(bytes);
    while matches!(reader.packet(), Ok(Packet::Data(_) | Packet::Flush)) {}
    let key = KeyFile::of_one(
        KeyName::default(),
        FileKey::build(0, |material| material.fill(7)),
    );
    for input in [bytes.to_vec(), [GREETING, bytes].concat()] {
        let _ = serve(&key, input.as_slice(), std::io::sink(), |_| (), |_, _| {});
    }
});
