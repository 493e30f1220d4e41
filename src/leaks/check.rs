//! The check from beginning to end: settings, keys, targets, rules, allowances.

use std::collections::HashSet;

use super::LeakError;
use super::checkup::Checkup;
use super::report::agreements::Agreements;
use super::report::allowances::CheckSettings;
use super::report::baseline::Baseline;
use super::report::inspection::Inspection;
use super::report::outcome::Report;
use super::report::sieve::Sieve;
use super::rules::coverage::{self, Depth};
use super::rules::outside;
use super::rules::tree_keys::is_encrypting;
use super::rules::uncovered;
use super::targets::{Scope, Stored, Targets};
use crate::repository::{BlobId, PathBytes, Repository};

/// Checks everything that `scope` names.
pub(crate) fn check(
    repository: &Repository,
    scope: &Scope,
    use_baseline: bool,
) -> Result<Report, LeakError> {
    let stored = Stored::of(repository)?;
    let settings = CheckSettings::of(repository, &stored.files, &stored.links)?;
    let baseline = if use_baseline {
        settings.baseline(repository, &stored.files)?
    } else {
        Baseline::default()
    };
    let is_encrypting = is_encrypting(repository, &stored.files)?;
    let agreements = Agreements::of(repository, is_encrypting, &settings, &baseline)?;
    let targets = Targets::of(scope, repository, &stored)?;
    let checkup = Checkup::new(repository, scope, &stored.files, &targets)?;
    let mut inspection = checkup.look_at_targets(&targets)?;
    let mut notes = checkup.look_at_stacks(&targets, &mut inspection);
    notes.extend(checkup.look_at_attributes(&targets, &mut inspection)?);
    let sieve = Sieve {
        settings: &settings,
        baseline: &baseline,
        agreements: &agreements,
        everything: matches!(scope, Scope::All),
        locked: checkup.is_locked(),
    };
    Ok(checkup.report(&sieve, &targets, inspection, notes))
}

/// Looks for files that were encrypted and no longer are: the part of a check of the whole index that finds what
/// endangers existing secrets. With `only`, reports these paths alone.
pub(crate) fn check_coverage(
    repository: &Repository,
    only: Option<&HashSet<PathBytes>>,
) -> Result<Report, LeakError> {
    check_attributes(repository, only, |files, paths, inspection| {
        uncovered::inspect(repository, files, inspection)?;
        let notes = coverage::inspect(repository, files, paths, Depth::Quick, inspection);
        Ok(notes.into_iter().collect())
    })
}

/// Looks for attributes that are overridden from outside of the tree, for example by `.git/info/attributes`. With
/// `only`, reports these paths alone.
pub(crate) fn check_outside_attributes(
    repository: &Repository,
    only: Option<&HashSet<PathBytes>>,
) -> Result<Report, LeakError> {
    check_attributes(repository, only, |files, paths, inspection| {
        let note = outside::inspect(repository, files, paths, inspection);
        Ok(note.into_iter().collect())
    })
}

/// Reports what `inspect` finds in the files of the index and their paths, except for accepted findings. `inspect` returns notes.
fn check_attributes(
    repository: &Repository,
    only: Option<&HashSet<PathBytes>>,
    inspect: impl Fn(
        &[(PathBytes, BlobId)],
        &[&PathBytes],
        &mut Inspection,
    ) -> Result<Vec<String>, LeakError>,
) -> Result<Report, LeakError> {
    let stored = Stored::of(repository)?;
    let settings = CheckSettings::of(repository, &stored.files, &stored.links)?;
    let baseline = settings.baseline(repository, &stored.files)?;
    let paths: Vec<&PathBytes> = stored.files.iter().map(|(path, _)| path).collect();
    let mut inspection = Inspection::default();
    let notes = inspect(&stored.files, &paths, &mut inspection)?;
    let is_encrypting = is_encrypting(repository, &stored.files)?;
    let agreements = Agreements::of(repository, is_encrypting, &settings, &baseline)?;
    let sieve = Sieve {
        settings: &settings,
        baseline: &baseline,
        agreements: &agreements,
        everything: false,
        locked: false,
    };
    let mut report = sieve.report(inspection, notes, paths.len());
    if let Some(only) = only {
        let chosen = |path: &PathBytes| only.contains(path);
        let findings = &mut report.findings;
        findings.retain(|finding| finding.place.path.as_ref().is_none_or(chosen));
    }
    Ok(report)
}
