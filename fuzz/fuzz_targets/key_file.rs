//! Key files: no bytes make the reader panic, and what it accepts is written and read the same.
#![no_main]

use hs_secrets::internals::KeyFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(key) = KeyFile::parse(bytes) else {
        return;
    };
    let mut written = key.to_bytes();
    let again = KeyFile::parse(written.expose()).expect("what was written is good");
    assert_eq!(again.name(), key.name());
    assert_eq!(again.to_bytes().expose(), written.expose());
});
