//! Settings of libgit2 for opening repositories. They apply to the whole process, and are set once.
#![expect(
    unsafe_code,
    reason = "libgit2 keeps these settings in variables of its own; they are set once, before it opens anything"
)]

use std::path::Path;
use std::sync::OnceLock;

use git2::RepositoryOpenFlags;

/// Extensions of the repository format that libgit2 does not know. It may open such repositories anyway: if references
/// are in a table, `git` reads them; `git` also fetches what a partial clone does not have.
const EXTENSIONS: [&str; 4] = [
    "partialclone",
    "refstorage",
    "compatobjectformat",
    "submodulepathconfig",
];

/// Maximum number of bytes of objects that libgit2 keeps in its cache. The memory that it needs for them is several
/// times as large.
const MAXIMUM_CACHE: isize = 16 << 20;

/// Maximum number of bytes of pack files that are mapped into memory at the same time.
const MAXIMUM_MAPPED: usize = 64 << 20;

/// Opens the repository at `place`, with `flags` of [`git2::Repository::open_ext`]. Before, Git has said that it trusts
/// the place, or has itself started this program; libgit2 therefore does not check the owner again.
pub(super) fn opened(
    place: &Path,
    flags: RepositoryOpenFlags,
) -> Result<git2::Repository, git2::Error> {
    set_rules()?;
    let no_ceilings: [&Path; 0] = [];
    git2::Repository::open_ext(place, flags, no_ceilings)
}

/// Opens the repository that the environment names, or else the one around the current directory.
pub(super) fn opened_from_environment() -> Result<git2::Repository, git2::Error> {
    set_rules()?;
    git2::Repository::open_from_env()
}

fn set_rules() -> Result<(), git2::Error> {
    static SET: OnceLock<bool> = OnceLock::new();
    // SAFETY: these calls write variables that libgit2 reads when it opens a repository. All code that opens one calls
    // this function first, and waits until they are written.
    let is_set = SET.get_or_init(|| unsafe {
        git2::opts::set_verify_owner_validation(false).is_ok()
            && git2::opts::set_extensions(&EXTENSIONS).is_ok()
            && git2::opts::set_cache_max_size(MAXIMUM_CACHE).is_ok()
            && git2::opts::set_mwindow_mapped_limit(MAXIMUM_MAPPED).is_ok()
    });
    if *is_set {
        Ok(())
    } else {
        Err(git2::Error::from_str("libgit2 takes no settings"))
    }
}
