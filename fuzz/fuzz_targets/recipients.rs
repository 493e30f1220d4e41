//! Lists of age and SSH recipients: no text makes the reader panic, and a list that it accepts is written and read the same.
#![no_main]

use hs_secrets::internals::recipients_written_anew;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|list: &str| {
    if let Some(written) = recipients_written_anew(list) {
        assert_eq!(recipients_written_anew(&written), Some(written));
    }
});
