//! The rules by which libgit2 opens a repository. They are those of the whole process, and are set once.
#![expect(
    unsafe_code,
    reason = "libgit2 keeps these settings in variables of its own; they are set once, before it opens anything"
)]

use std::path::Path;
use std::sync::OnceLock;

use git2::RepositoryOpenFlags;

/// Extensions of the repository format that libgit2 refuses although nothing here depends on them: references are asked of
/// `git` if they are in a table, and `git` fetches what a partial clone lacks.
const EXTENSIONS: [&str; 4] = [
    "partialclone",
    "refstorage",
    "compatobjectformat",
    "submodulepathconfig",
];

/// Maximum number of bytes of objects that libgit2 keeps, for a walk through a whole history. What it makes of them takes several
/// times as much.
const MAXIMUM_CACHE: isize = 16 << 20;

/// Maximum number of bytes of packs that are mapped at once.
const MAXIMUM_MAPPED: usize = 64 << 20;

/// Opens the repository at `place`; with `flags`, as [`git2::Repository::open_ext`] reads them. Git has said before that it
/// trusts the place, or has called this program itself: libgit2 does not check the owner again.
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
    // SAFETY: they write variables that libgit2 reads when it opens a repository. Whoever opens one has come through here, and
    // waits until they are written.
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
