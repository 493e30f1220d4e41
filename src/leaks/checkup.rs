//! One pass of a check over all that a scope names, with the keys and values that it goes by.

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
use super::rules::coverage::{self, Depth};
use super::rules::encryption::Encrypted;
use super::rules::{outside, stack_history, stacks};
use super::scanner::Scanner;
use super::scope::Scope;
use super::targets::Targets;
use crate::repository::{BlobId, CommitId, PathBytes, Repository};

/// How many targets are handed to a thread at once; fewer are not worth a second thread.
const BATCH: usize = 64;

/// What every check goes by, be it of files or of a message: the keys, and the values that they open.
pub(super) struct Checkup<'check> {
    repository: &'check Repository,
    scope: &'check Scope,
    index: &'check [(PathBytes, BlobId)],
    encrypted: Encrypted<'check>,
    scanner: Scanner,
    /// Files with more values than are looked for.
    cut_short: Vec<PathBytes>,
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

    /// Looks at the files that stacks name; returns what could not be looked at in commits that later ones put right.
    pub(super) fn look_at_stacks(
        &self,
        targets: &Targets,
        inspection: &mut Inspection,
    ) -> Vec<String> {
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

    /// Compares attributes with earlier ones: those of the index, and then looks at what staged ones newly cover; or those of the
    /// newest commits that are looked at. Returns what the user should know.
    pub(super) fn look_at_attributes(
        &self,
        targets: &Targets,
        inspection: &mut Inspection,
    ) -> Result<Vec<String>, LeakError> {
        let files = targets.files.iter().filter(|target| !target.is_link);
        let paths: Vec<&PathBytes> = files.map(|target| &target.path).collect();
        let (repository, index) = (self.repository, self.index);
        let depth = match self.scope {
            Scope::All | Scope::History => Depth::Whole,
            _ => Depth::Quick,
        };
        let mut notes = Vec::new();
        match self.scope {
            Scope::Message(_) => {}
            Scope::Staged | Scope::All | Scope::Files(_) => {
                if depth == Depth::Quick && paths.iter().any(|path| path.is_attributes_file()) {
                    self.look_at_newly_covered(&paths, inspection);
                }
                notes.extend(coverage::inspect(
                    repository, index, &paths, depth, inspection,
                ));
            }
            Scope::Range(_) | Scope::Pushed { .. } | Scope::History => {
                notes.extend(outside::inspect(repository, index, &paths, inspection));
                let tips = match self.scope {
                    Scope::History => repository.objects().head_commit()?.into_iter().collect(),
                    _ => repository.commits().tips_of(&targets.messages)?,
                };
                for tip in tips {
                    notes.extend(self.look_at_commit(tip, depth, targets, inspection)?);
                }
            }
        }
        Ok(notes)
    }

    /// Looks at the files beside `paths` that are to be encrypted, and that Git has had since before it was so.
    fn look_at_newly_covered(&self, paths: &[&PathBytes], inspection: &mut Inspection) {
        let looked_at: HashSet<&PathBytes> = paths.iter().copied().collect();
        let others = self.index.iter();
        for (path, blob) in others.filter(|(path, _)| !looked_at.contains(path)) {
            self.encrypted
                .look_at_stored(self.repository, path, *blob, inspection);
        }
    }

    /// Compares the attributes of `tip` with earlier ones, for the files among `targets` that are in this commit.
    fn look_at_commit(
        &self,
        tip: CommitId,
        depth: Depth,
        targets: &Targets,
        inspection: &mut Inspection,
    ) -> Result<Option<String>, LeakError> {
        let mut paths = Vec::new();
        for target in targets.files.iter().filter(|target| !target.is_link) {
            if self.repository.objects().file_in(tip, &target.path)? == Some(target.blob) {
                paths.push(&target.path);
            }
        }
        let mut encrypted = Vec::new();
        for (path, blob) in &inspection.ciphertext {
            if self.repository.objects().file_in(tip, path)? == Some(*blob) {
                encrypted.push(path.clone());
            }
        }
        let ciphertext: Vec<&PathBytes> = encrypted.iter().collect();
        let repository = self.repository;
        let note =
            coverage::inspect_commit(repository, tip, &paths, &ciphertext, depth, inspection);
        Ok(note)
    }

    /// True if the attributes in hand are those of what is looked at.
    fn is_about_index(&self) -> bool {
        matches!(self.scope, Scope::Staged | Scope::All | Scope::Files(_))
    }

    /// What is left of an inspection, with every known value masked.
    pub(super) fn report(
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
