//! The public surface for repositories of encrypted files; that for stacks is in their own rooms.

use crate::failure::Failure;
use crate::filter::{Smudged, smudge};
use crate::format::KeyName;
use crate::leaks::{Report, Scope, check};
use crate::repository::Repository;
use crate::secret::{SecretBytes, forbid_core_dumps};

/// Something in the index that should not be there in plaintext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The name of the rule that found it.
    pub rule: &'static str,
    /// The path of its file, with U+FFFD for bytes that are no UTF-8; none for a finding about no single file.
    pub path: Option<String>,
    /// Its line, counted from 1.
    pub line: Option<usize>,
    /// Its description, which does not give it away.
    pub description: String,
}

/// Decrypts a blob with the repository's default key, which must be here. Nothing is given out that the key did not make; a
/// blob that is not encrypted is an error.
///
/// ```no_run
/// use hs_secrets::{Repository, decrypt};
///
/// let repository = Repository::open("/srv/stacks".as_ref())?;
/// let blob = std::fs::read("blob")?;
/// let mut plaintext = decrypt(&repository, &blob)?;
/// assert!(plaintext.expose().starts_with(b"password="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decrypt(repository: &Repository, blob: &[u8]) -> Result<SecretBytes, Failure> {
    forbid_core_dumps();
    let keys = repository.keys().load(&KeyName::default())?;
    match smudge(&keys, &mut &*blob)? {
        Smudged::Decrypted(content) => Ok(content),
        Smudged::NotEncrypted(_) => Err(Failure::new("the blob is not encrypted")
            .hint("`hs-secrets status` tells which files are to be encrypted")),
    }
}

/// Looks for secrets in all that is staged. An error if something could not be looked at: then nothing is clean.
///
/// ```
/// use hs_secrets::{Repository, leaks};
///
/// let directory = tempfile::tempdir()?;
/// assert!(Repository::open(directory.path()).is_err());
/// let mut init = std::process::Command::new("git");
/// init.args(["init", "--quiet"]).current_dir(&directory).status()?;
/// let repository = Repository::open(directory.path())?;
/// assert_eq!(leaks(&repository)?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn leaks(repository: &Repository) -> Result<Vec<Leak>, Failure> {
    let Report { findings, gaps, .. } = check(repository, &Scope::All, true)?;
    if let Some(gap) = gaps.first() {
        return Err(Failure::new(format_args!(
            "{} could not be looked at: {}",
            gap.what, gap.reason
        )));
    }
    let leaks = findings.into_iter().map(|finding| Leak {
        rule: finding.rule.name(),
        path: finding.place.path.as_ref().map(ToString::to_string),
        line: finding.place.position.map(|(line, _)| line),
        description: finding.hint,
    });
    Ok(leaks.collect())
}
