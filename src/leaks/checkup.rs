//! One run of the check over everything that a scope names, with the keys and known values at hand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::LeakError;
use super::inspector::Inspector;
use super::known::known_secrets::CommonValues;
use super::report::inspection::Inspection;
use super::report::outcome::Report;
use super::report::sieve::Sieve;
use super::rules::encryption::Encrypted;
use super::rules::{stack_history, stacks};
use super::scan::Scanner;
use super::targets::{Scope, Targets};
use crate::repository::{BlobId, PathBytes, Repository};

/// How many targets a thread takes at once. With fewer than this, a second thread is not worth starting.
const BATCH: usize = 64;

/// The keys that this clone has, and the known values decrypted with them. Used by every check, of files or of a message.
pub(super) struct Checkup<'check> {
    pub(super) repository: &'check Repository,
    pub(super) scope: &'check Scope,
    pub(super) index: &'check [(PathBytes, BlobId)],
    pub(super) encrypted: Encrypted<'check>,
    scanner: Scanner,
    /// Files with so many values that some are not searched for.
    pub(super) cut_short: Vec<PathBytes>,
    /// Encrypted files that are too long for their values to be searched for.
    pub(super) too_long: Vec<PathBytes>,
    /// How many values are too common to be searched for everywhere.
    pub(super) common: CommonValues,
}

impl<'check> Checkup<'check> {
    pub(super) fn new(
        repository: &'check Repository,
        scope: &'check Scope,
        index: &'check [(PathBytes, BlobId)],
        targets: &'check Targets,
    ) -> Result<Self, LeakError> {
        let listed = index.iter().map(|(path, blob)| (path, *blob));
        let files = targets.files.iter().filter(|target| !target.is_link);
        let all = listed
            .clone()
            .chain(files.clone().map(|target| (&target.path, target.blob)));
        let paths: Vec<&PathBytes> = files.map(|target| &target.path).collect();
        let mut encrypted = Encrypted::new(repository, index, &paths, &targets.removed)?;
        let mut values = match scope {
            // In old commits, the values of earlier versions of an encrypted file are secrets, too.
            Scope::History => encrypted.known_values(repository, all),
            _ => encrypted.known_values(repository, listed),
        };
        let cut_short = values.cut_short().to_vec();
        let too_long = values.too_long().to_vec();
        let common = values.common();
        Ok(Self {
            repository,
            scope,
            index,
            encrypted,
            scanner: Scanner::new(values.into_search()?),
            cut_short,
            too_long,
            common,
        })
    }

    /// Looks at each file and message on its own.
    pub(super) fn look_at_targets(&self, targets: &Targets) -> Result<Inspection, LeakError> {
        let inspector = Inspector {
            scanner: &self.scanner,
            encrypted: &self.encrypted,
            current: self.is_about_index(),
            past_keys: matches!(self.scope, Scope::History),
        };
        let mut inspection = inspect_all(self.repository, &inspector, targets)?;
        inspector.messages(self.repository, targets, &mut inspection);
        for (path, reason) in &self.encrypted.unread {
            inspection.add_gap(path, reason.clone());
        }
        Ok(inspection)
    }

    /// Looks at the files that stacks name. Returns the problems in commits that later commits have repaired.
    pub(super) fn look_at_stacks(
        &self,
        targets: &Targets,
        inspection: &mut Inspection,
    ) -> Vec<String> {
        let about = match self.scope {
            Scope::Message(_) => return Vec::new(),
            Scope::History | Scope::Range(_) | Scope::Commits(_) | Scope::Pushed { .. } => {
                return stack_history::inspect_commits(
                    self.repository,
                    self.index,
                    targets,
                    &self.encrypted,
                    inspection,
                );
            }
            Scope::All => None,
            Scope::Staged | Scope::Files(_) => {
                Some(targets.files.iter().map(|target| &target.path).collect())
            }
        };
        stacks::inspect(
            self.repository,
            self.index,
            &self.encrypted,
            about.as_ref(),
            inspection,
        );
        Vec::new()
    }

    /// True if the attributes of the index apply to the files that are looked at.
    fn is_about_index(&self) -> bool {
        matches!(self.scope, Scope::Staged | Scope::All | Scope::Files(_))
    }

    /// True if encrypted files could not be read because their key is not here.
    pub(super) fn is_locked(&self) -> bool {
        self.encrypted.locked > 0
    }

    /// The report of an inspection, with every known value masked.
    pub(super) fn report(
        &self,
        sieve: &Sieve<'_>,
        targets: &Targets,
        mut inspection: Inspection,
        more_notes: Vec<String>,
    ) -> Report {
        let looked_at = targets.number();
        let mut notes = self.notes(targets.submodules, &inspection.not_looked_into);
        notes.extend(more_notes);
        inspection.gaps.extend(targets.gaps.iter().cloned());
        let mut report = sieve.report(inspection, notes, looked_at);
        if let Some(known) = self.scanner.known() {
            report.mask(known);
        }
        report
    }
}

/// Looks at all targets, on as many threads as there are processors.
fn inspect_all(
    repository: &Repository,
    inspector: &Inspector<'_>,
    targets: &Targets,
) -> Result<Inspection, LeakError> {
    let blobs = targets.files.iter();
    let blobs = blobs.flat_map(|target| target.before.iter().copied().chain([target.blob]));
    repository.objects().fetch_blobs(blobs)?;
    let next = AtomicUsize::new(0);
    let work = |repository: &Repository| {
        let mut inspection = Inspection::default();
        loop {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(rest) = targets.files.get(start..) else {
                return inspection;
            };
            for target in rest.iter().take(BATCH) {
                inspector.target(repository, target, &mut inspection);
            }
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let others = processors
        .min(targets.files.len().div_ceil(BATCH))
        .saturating_sub(1);
    // A repository handle can't be shared between threads, so each thread gets its own.
    let repositories = (0..others)
        .map(|_| repository.reopen())
        .collect::<Result<Vec<_>, _>>()?;
    Ok(thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = repositories
            .into_iter()
            .map(|repository| scope.spawn(move || work(&repository)))
            .collect();
        let mut all = work(repository);
        for thread in threads {
            all.append(thread.join().expect("because an inspection does not panic"));
        }
        all
    }))
}
