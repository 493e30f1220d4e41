//! Settings: no text makes either reader of `.hs-secrets.toml` panic.
#![no_main]

use hs_secrets::internals::{CheckSettings, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Settings::parse(text);
    let _ = CheckSettings::parse(text);
});
