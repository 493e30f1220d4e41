//! Interpolation: escaped text comes back, and what names take is what Docker takes.
#![no_main]

use hs_secrets::internals::interpolated;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [as_docker, in_a_name] = interpolated(text);
    assert!(in_a_name.is_none() || in_a_name == as_docker);
    let [escaped, _] = interpolated(&text.replace('$', "$$"));
    assert_eq!(escaped.as_deref(), Some(text));
});
