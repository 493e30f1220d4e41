//! Core dumps, which would hold keys and plaintext.

/// Keeps the memory of this process out of core dumps and, on Linux, away from debuggers of the same user.
///
/// It is called before a key is read. A system that refuses is no reason to stop: the keys are no worse off than
/// before.
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
