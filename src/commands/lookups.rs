//! How a static program looks up names of hosts and users.
//!
//! A system can name modules for that in `/etc/nsswitch.conf`, for mDNS, systemd or LDAP. They are shared libraries for the system's C library.
//! A static program brings its own, and one of another version crashes in them. What is built in is files and DNS.

/// Lets a static program use what is built in. Any other looks up names as the system says.
pub(super) fn keep_to_what_is_built_in() {
    #[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
    glibc::configure();
}

#[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
mod glibc {
    use std::ffi::{CStr, c_char, c_int};

    /// Each kind of names with the services that look them up, as in `/etc/nsswitch.conf`.
    const BUILT_IN: [(&CStr, &CStr); 2] = [(c"hosts", c"files dns"), (c"passwd", c"files")];

    #[expect(unsafe_code, reason = "no crate has this function of glibc")]
    unsafe extern "C" {
        fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
    }

    #[expect(unsafe_code, reason = "no crate has this function of glibc")]
    pub(super) fn configure() {
        for (database, services) in BUILT_IN {
            // SAFETY: both are texts that end with a zero and live as long as the program. Nothing else runs yet.
            let refused =
                unsafe { __nss_configure_lookup(database.as_ptr(), services.as_ptr()) } != 0;
            debug_assert!(!refused, "glibc knows {database:?} and {services:?}");
        }
    }
}
