//! The check from beginning to end: settings, keys, targets, rules, allowances.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::LeakError;
use super::inspector::Inspector;
use super::report::allowances::CheckSettings;
use super::report::baseline::Baseline;
use super::report::finding::printable;
use super::report::inspection::Inspection;
use super::report::outcome::Report;
use super::report::sieve::Sieve;
use super::rules::coverage::{self, Depth, is_attributes_file};
use super::rules::encryption::Encrypted;
use super::rules::{stack_history, stacks};
use super::scanner::Scanner;
use super::targets::{Scope, Stored, Targets};
use crate::repository::{BlobId, PathBytes, Repository};

/// How many targets are handed to a thread at once; fewer are not worth a second thread.
const BATCH: usize = 64;

/// Makes a check of what `scope` names.
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
    let targets = Targets::of(scope, repository, &stored)?;
    let checkup = Checkup::new(repository, scope, &stored.files, &targets)?;
    let mut inspection = checkup.look_at_targets(&targets)?;
    let mut notes = checkup.look_at_stacks(&targets, &mut inspection);
    notes.extend(checkup.look_at_attributes(&targets, &mut inspection));
    Ok(checkup.report(&settings, &baseline, &targets, inspection, notes))
}

/// What was encrypted and is not any more, as far as nothing accepts it: the part of a check of the whole index that
/// tells what endangers secrets that are there.
pub(crate) fn check_coverage(repository: &Repository) -> Result<Report, LeakError> {
    let stored = Stored::of(repository)?;
    let settings = CheckSettings::of(repository, &stored.files, &stored.links)?;
    let baseline = settings.baseline(repository, &stored.files)?;
    let paths: Vec<&PathBytes> = stored.files.iter().map(|(path, _)| path).collect();
    let mut inspection = Inspection::default();
    let whole = Depth::Whole;
    let notes = coverage::inspect(repository, &stored.files, &paths, whole, &mut inspection);
    coverage::inspect_ciphertext(repository, &stored.files, &mut inspection)?;
    let sieve = Sieve {
        settings: &settings,
        baseline: &baseline,
        everything: false,
        locked: false,
    };
    Ok(sieve.report(inspection, notes.into_iter().collect(), paths.len()))
}

/// What every check goes by, be it of files or of a message: the keys, and the values that they open.
struct Checkup<'check> {
    repository: &'check Repository,
    scope: &'check Scope,
    index: &'check [(PathBytes, BlobId)],
    encrypted: Encrypted<'check>,
    scanner: Scanner,
    /// Files with more values than are looked for.
    cut_short: Vec<PathBytes>,
}

impl<'check> Checkup<'check> {
    fn new(
        repository: &'check Repository,
        scope: &'check Scope,
        index: &'check [(PathBytes, BlobId)],
        targets: &'check Targets,
    ) -> Result<Self, LeakError> {
        let listed = index.iter().map(|(path, blob)| (path, *blob));
        let files = targets.files.iter().filter(|target| !target.is_link);
        let all = listed
            .clone()
            .chain(files.map(|target| (&target.path, target.blob)));
        let mut encrypted = Encrypted::new(repository, all.clone(), &targets.removed)?;
        let values = match scope {
            // Values of earlier versions are as good as today's in what was published then.
            Scope::History => encrypted.known_values(repository, all),
            _ => encrypted.known_values(repository, listed),
        };
        let cut_short = values.cut_short().to_vec();
        Ok(Self {
            repository,
            scope,
            index,
            encrypted,
            scanner: Scanner::new(values.into_search()?),
            cut_short,
        })
    }

    /// Looks at each file and message by itself.
    fn look_at_targets(&self, targets: &Targets) -> Result<Inspection, LeakError> {
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

    /// Looks at the files that stacks name; returns what could not be looked at in commits that later ones put right.
    fn look_at_stacks(&self, targets: &Targets, inspection: &mut Inspection) -> Vec<String> {
        let about = match self.scope {
            Scope::Message(_) => return Vec::new(),
            Scope::History | Scope::Range(_) | Scope::Pushed { .. } => {
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

    /// Compares the attributes of the index with earlier ones, and looks at what staged ones newly cover.
    fn look_at_attributes(&self, targets: &Targets, inspection: &mut Inspection) -> Option<String> {
        if !self.is_about_index() {
            return None;
        }
        let files = targets.files.iter().filter(|target| !target.is_link);
        let paths: Vec<&PathBytes> = files.map(|target| &target.path).collect();
        let depth = match self.scope {
            Scope::All => Depth::Whole,
            _ => Depth::Quick,
        };
        if paths.iter().any(|path| is_attributes_file(path)) && depth == Depth::Quick {
            let looked_at: HashSet<&PathBytes> = paths.iter().copied().collect();
            let others = self.index.iter();
            let others = others.filter(|(path, _)| !looked_at.contains(path));
            for (path, blob) in others {
                self.encrypted
                    .look_at_stored(self.repository, path, *blob, inspection);
            }
        }
        coverage::inspect(self.repository, self.index, &paths, depth, inspection)
    }

    /// True if the attributes in hand are those of what is looked at.
    fn is_about_index(&self) -> bool {
        matches!(self.scope, Scope::Staged | Scope::All | Scope::Files(_))
    }

    /// What is left of an inspection, with every known value masked.
    fn report(
        &self,
        settings: &CheckSettings,
        baseline: &Baseline,
        targets: &Targets,
        mut inspection: Inspection,
        more_notes: Vec<String>,
    ) -> Report {
        let looked_at = targets.number();
        let mut notes = self.notes(targets.submodules);
        notes.extend(more_notes);
        inspection.gaps.extend(targets.gaps.iter().cloned());
        let sieve = Sieve {
            settings,
            baseline,
            everything: matches!(self.scope, Scope::All),
            locked: self.encrypted.locked > 0,
        };
        let mut report = sieve.report(inspection, notes, looked_at);
        if let Some(known) = self.scanner.known() {
            report.mask(known);
        }
        report
    }

    /// What the user should know although it is no finding.
    fn notes(&self, submodules: usize) -> Vec<String> {
        let mut notes = Vec::new();
        if self.encrypted.locked > 0 {
            notes.push(format!(
                "locked: without the key of {} encrypted files, `known-secret` and `wrong-key` had nothing to go by",
                self.encrypted.locked
            ));
        }
        let versions = match self.scope {
            Scope::History => " versions of",
            _ => "",
        };
        match &self.encrypted.unopened[..] {
            [] => {}
            [path] => notes.push(format!(
                "the key does not open{versions} {}: its values were not looked for",
                printable(path)
            )),
            [path, rest @ ..] => notes.push(format!(
                "the key does not open{versions} {} and {} more files: their values were not looked for",
                printable(path),
                rest.len()
            )),
        }
        if submodules > 0 {
            notes.push("submodules are repositories of their own, and were not looked into".into());
        }
        let cut_short = self.cut_short.iter().map(|path| {
            format!(
                "{} holds too many values; `known-secret` looks for the first ones only",
                printable(path)
            )
        });
        notes.extend(cut_short);
        notes
    }
}

/// Looks at all targets, on as many threads as there are processors.
fn inspect_all(
    repository: &Repository,
    inspector: &Inspector<'_>,
    targets: &Targets,
) -> Result<Inspection, LeakError> {
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
    // An open repository stays on its thread.
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
