//! Listings of GPG (`--with-colons`): no text makes the reader panic, or see more keys than there are lines.
#![no_main]

use hs_secrets::internals::keys_listed_by_gpg;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|listing: &str| {
    let lines = listing.lines().count();
    for keys in keys_listed_by_gpg(listing) {
        assert!(keys <= lines);
    }
});
