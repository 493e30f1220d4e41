//! Statements about holders and successions: no bytes make the reader panic, and what it accepts is written as it was read.
#![no_main]

use hs_secrets::internals::statement_written_anew;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(written) = statement_written_anew(bytes) {
        let read = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        assert_eq!(written.trim_end(), read.trim_end());
        assert_eq!(statement_written_anew(written.as_bytes()), Some(written));
    }
});
