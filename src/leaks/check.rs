//! The check from beginning to end: settings, keys, targets, rules, allowances.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::LeakError;
use super::inspector::Inspector;
use super::report::allowances::CheckSettings;
use super::report::baseline::Baseline;
use super::report::finding::{Place, printable};
use super::report::inspection::Inspection;
use super::report::outcome::Report;
use super::report::sieve::Sieve;
use super::rules::encryption::Encrypted;
use super::rules::{stack_history, stacks};
use super::scanner::Scanner;
use super::targets::{Scope, Stored, Targets};
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};
use crate::stack::SETTINGS_FILE;

/// So many targets are handed to a thread at once; fewer are not worth a second thread.
const BATCH: usize = 64;

/// Makes a check of what `scope` names.
pub(crate) fn check(
    repository: &Repository,
    scope: &Scope,
    use_baseline: bool,
) -> Result<Report, LeakError> {
    let stored = Stored::of(repository)?;
    let index = &stored.files;
    let settings = settings(repository, index)?;
    let baseline = if use_baseline {
        baseline(repository, index, &settings)?
    } else {
        Baseline::default()
    };
    let targets = Targets::of(scope, repository, &stored)?;
    let listed = index.iter().map(|(path, blob)| (path, *blob));
    let looked_at = targets
        .files
        .iter()
        .filter(|target| !target.is_link)
        .map(|target| (&target.path, target.blob));
    let mut encrypted = Encrypted::new(
        repository,
        listed.clone().chain(looked_at.clone()),
        &targets.removed,
    )?;
    let values = match scope {
        // Values of earlier versions are as good as today's in what was published then.
        Scope::History => encrypted.known_values(repository, listed.clone().chain(looked_at)),
        _ => encrypted.known_values(repository, listed.clone()),
    };
    let mut notes = notes(&targets, &encrypted, scope);
    notes.extend(values.cut_short().iter().map(|path| {
        format!(
            "{} holds too many values; `known-secret` looks for the first ones only",
            printable(path)
        )
    }));
    let scanner = Scanner::new(values.into_search()?);
    let inspector = Inspector {
        scanner: &scanner,
        encrypted: &encrypted,
        past_keys: matches!(scope, Scope::History),
    };
    let mut inspection = inspect_all(repository, &inspector, &targets)?;
    inspector.messages(repository, &targets, &mut inspection);
    if matches!(
        scope,
        Scope::History | Scope::Range(_) | Scope::Pushed { .. }
    ) {
        notes.extend(stack_history::inspect_commits(
            repository,
            index,
            &targets,
            &encrypted,
            &mut inspection,
        ));
    } else {
        let about = (!matches!(scope, Scope::All))
            .then(|| targets.files.iter().map(|target| &target.path).collect());
        stacks::inspect(
            repository,
            index,
            &encrypted,
            about.as_ref(),
            &mut inspection,
        );
    }
    inspection.gaps.extend(targets.gaps);
    for (path, reason) in &encrypted.unread {
        inspection.add_gap(path, reason.clone());
    }
    let sieve = Sieve {
        settings: &settings,
        baseline: &baseline,
        everything: matches!(scope, Scope::All),
        locked: encrypted.locked > 0,
    };
    let looked_at = targets.files.len() + targets.messages.len() + targets.tags.len();
    let mut report = sieve.report(inspection, notes, looked_at);
    if let Some(known) = scanner.known() {
        report.mask(known);
    }
    Ok(report)
}

/// Checks a commit message before there is a commit.
pub(crate) fn check_message(repository: &Repository, message: &[u8]) -> Result<Report, LeakError> {
    let index = Stored::of(repository)?.files;
    let settings = settings(repository, &index)?;
    let listed = index.iter().map(|(path, blob)| (path, *blob));
    let mut encrypted = Encrypted::new(repository, listed.clone(), &[])?;
    let values = encrypted.known_values(repository, listed);
    let scanner = Scanner::new(values.into_search()?);
    let inspector = Inspector {
        scanner: &scanner,
        encrypted: &encrypted,
        past_keys: false,
    };
    let mut inspection = Inspection::default();
    inspector.message(message, &Place::default(), &mut inspection);
    for (path, reason) in &encrypted.unread {
        inspection.add_gap(path, reason.clone());
    }
    let notes = notes(&Targets::default(), &encrypted, &Scope::Staged);
    let sieve = Sieve {
        settings: &settings,
        baseline: &Baseline::default(),
        everything: false,
        locked: encrypted.locked > 0,
    };
    Ok(sieve.report(inspection, notes, 1))
}

/// The settings as they are staged: like everything else here, not as they lie in the work tree.
fn settings(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
) -> Result<CheckSettings, LeakError> {
    match staged_text(repository, index, SETTINGS_FILE)? {
        Some(text) => CheckSettings::parse(&text),
        None => Ok(CheckSettings::default()),
    }
}

fn baseline(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    settings: &CheckSettings,
) -> Result<Baseline, LeakError> {
    let path = settings.baseline_path();
    match staged_text(repository, index, path)? {
        Some(text) => Baseline::parse(path, &text),
        None => Ok(Baseline::default()),
    }
}

fn staged_text(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    path: &str,
) -> Result<Option<String>, RepositoryError> {
    let Some((_, blob)) = index
        .iter()
        .find(|(entry, _)| entry.as_bytes() == path.as_bytes())
    else {
        return Ok(None);
    };
    let blob = repository.blob(*blob)?;
    Ok(Some(String::from_utf8_lossy(blob.content()).into_owned()))
}

fn notes(targets: &Targets, encrypted: &Encrypted<'_>, scope: &Scope) -> Vec<String> {
    let mut notes = Vec::new();
    if encrypted.locked > 0 {
        notes.push(format!(
            "locked: without the key of {} encrypted files, `known-secret` and `wrong-key` had nothing to go by",
            encrypted.locked
        ));
    }
    let versions = if matches!(scope, Scope::History) {
        " versions of"
    } else {
        ""
    };
    match &encrypted.unopened[..] {
        [] => {}
        [path] => notes.push(format!("the key does not open{versions} {}: its values were not looked for", printable(path))),
        [path, rest @ ..] => notes.push(format!(
            "the key does not open{versions} {} and {} more files: their values were not looked for",
            printable(path),
            rest.len()
        )),
    }
    if targets.submodules > 0 {
        notes.push("submodules are repositories of their own, and were not looked into".into());
    }
    notes
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
    // A libgit2 repository stays on its thread.
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
            all.append(thread.join().expect("an inspection does not panic"));
        }
        all
    }))
}
