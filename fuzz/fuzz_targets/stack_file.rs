//! Stack files: written anew they mean the same, and a rendered one stays as it is when it is rendered again.
#![no_main]

use hs_secrets::internals::{stack_file_rendered, stack_file_written_anew};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(written) = stack_file_written_anew(text) {
        assert_eq!(stack_file_written_anew(&written).as_ref(), Some(&written));
    }
    if let Some(rendered) = stack_file_rendered(text) {
        assert_eq!(stack_file_rendered(&rendered).as_ref(), Some(&rendered));
    }
});
