//! Core dumps, which would hold keys and plaintext.

/// Keeps the memory of this process out of core dumps and, on Linux, away from debuggers of the same user.
///
/// Call this before reading a key. An error is ignored: without this protection the program works as before.
pub(crate) fn forbid_core_dumps() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = rustix::process::setrlimit(
        rustix::process::Resource::Core,
        rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
}
