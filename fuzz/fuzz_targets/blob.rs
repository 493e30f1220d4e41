//! Blobs: no bytes make the reader panic, none that the key did not make are released, and what is encrypted is decrypted.
#![no_main]

use hs_secrets::internals::SecretBytes;
use hs_secrets::internals::{FileKey, Header, KeyFile, KeyName, decrypt, encrypt, is_authentic};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = KeyFile::of_one(
        KeyName::default(),
        FileKey::build(0, |material| material.fill(7)),
    );
    if let Ok(Some(header)) = Header::parse(bytes) {
        let mut content = SecretBytes::copy_of(&bytes[Header::LEN..]);
        let opened = decrypt(&key, header, &mut content).is_ok();
        assert_eq!(opened, is_authentic(&key, std::iter::once(bytes)));
        if opened {
            // Encryption is deterministic: the same plaintext gives the same blob.
            let header = encrypt(&key, &mut content).expect("short");
            assert_eq!([&header.to_bytes()[..], content.expose()].concat(), bytes);
        }
    }
    let mut content = SecretBytes::copy_of(bytes);
    let header = encrypt(&key, &mut content).expect("short");
    let header = Header::parse(&header.to_bytes())
        .expect("whole")
        .expect("a header");
    decrypt(&key, header, &mut content).expect("just encrypted");
    assert_eq!(content.expose(), bytes);
});
