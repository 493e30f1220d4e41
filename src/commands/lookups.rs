//! How a statically linked program looks up the names of hosts and users.
//!
//! `/etc/nsswitch.conf` can name modules for this, for mDNS, systemd or LDAP. They are shared libraries for the system's C library.
//! A static program has a C library of its own, and crashes in a module of another version. Only files and DNS are built in.

/// Restricts a static program to what is built in. Any other program looks up names as the system is configured.
pub(super) fn keep_to_what_is_built_in() {
    #[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
    glibc::configure();
}

#[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
mod glibc {
    use std::ffi::{CStr, c_char, c_int};

    /// For each kind of name, the services that look it up, in the syntax of `/etc/nsswitch.conf`.
    const BUILT_IN: [(&CStr, &CStr); 2] = [(c"hosts", c"files dns"), (c"passwd", c"files")];

    #[expect(unsafe_code, reason = "no crate has this function of glibc")]
    unsafe extern "C" {
        fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
    }

    #[expect(unsafe_code, reason = "no crate has this function of glibc")]
    pub(super) fn configure() {
        for (database, services) in BUILT_IN {
            // SAFETY: both are NUL-terminated texts that live as long as the program, and no other thread runs yet.
            let refused =
                unsafe { __nss_configure_lookup(database.as_ptr(), services.as_ptr()) } != 0;
            debug_assert!(!refused, "glibc knows {database:?} and {services:?}");
        }
    }
}
