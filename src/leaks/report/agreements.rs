//! Remembers which accepted findings the user of a clone has agreed to, for findings that others can cause by a push.
//!
//! Anybody who can push can remove an attribute, and accept the resulting finding in the same commit. That acceptance
//! counts in a clone only if it existed at the clone's first check, if the clone's own user staged it, or if the user ran
//! `check --all --write-baseline`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::allowances::{Allowance, CheckSettings};
use super::baseline::Baseline;
use super::finding::{Finding, FindingId, printable};
use super::staged_text::staged_text;
use crate::leaks::LeakError;
use crate::leaks::rule::Rule;
use crate::repository::{PathBytes, Repository, create_private_folder, write_secret_file};
use crate::secret::SecretBytes;
use crate::stack::SETTINGS_FILE;

/// The file with the agreements, in the program's own folder of a clone. It has one acceptance a line.
const MEMORY: &str = "agreed-findings";

/// Acceptances that the user of this clone has agreed to.
#[derive(Debug, Default)]
pub(crate) struct Agreements {
    agreed: BTreeSet<String>,
    /// True if this clone had no agreements yet. All existing acceptances are then agreed to, and the report says so.
    are_new: bool,
}

impl Agreements {
    /// The agreements of this clone, including what its user has staged now. They are saved if the repository encrypts files.
    pub(crate) fn of(
        repository: &Repository,
        is_encrypting: bool,
        settings: &CheckSettings,
        baseline: &Baseline,
    ) -> Result<Self, LeakError> {
        let there = acceptances(settings, baseline);
        let Some(remembered) = remembered(repository) else {
            if is_encrypting {
                remember(repository, &there);
            }
            return Ok(Self {
                agreed: there,
                are_new: is_encrypting,
            });
        };
        let mut agreed = remembered.clone();
        if !there.is_subset(&agreed) {
            agreed.extend(staged_here(repository, settings, there)?);
        }
        if agreed != remembered {
            remember(repository, &agreed);
        }
        Ok(Self {
            agreed,
            are_new: false,
        })
    }

    /// True if the acceptance of `finding`, by `allowance` or by one of these `lines` of the baseline, counts in this clone.
    pub(crate) fn count(
        &self,
        finding: &Finding,
        allowance: Option<&Allowance>,
        lines: &[FindingId],
    ) -> bool {
        let by_allowance = allowance.map(of_allowance);
        let by_line = lines.iter().map(|line| {
            if *line == finding.fingerprint {
                of_line(line)
            } else {
                of_moved(line, finding.without_path())
            }
        });
        let mut by_any = by_allowance.into_iter().chain(by_line);
        !is_by_others(finding.rule) || by_any.any(|acceptance| self.agreed.contains(&acceptance))
    }

    /// A note that this clone now agrees to an accepted `finding` of lost encryption, for a clone that had no agreements before.
    pub(crate) fn note(&self, finding: &Finding) -> Option<String> {
        let is_loss = matches!(finding.rule, Rule::LostAttribute | Rule::LostEncryption);
        let path = finding.place.path.as_ref().map(printable);
        (self.are_new && is_loss).then(|| {
            format!(
                "the repository accepts `{}` of {}: this clone agrees to that from now on",
                finding.rule,
                path.unwrap_or_default()
            )
        })
    }
}

/// Agrees to the acceptance of `findings` by the baseline.
pub(crate) fn agree_to(repository: &Repository, findings: &[Finding]) {
    let findings = findings.iter().filter(|finding| is_by_others(finding.rule));
    let mut agreed = remembered(repository).unwrap_or_default();
    agreed.extend(findings.flat_map(|finding| {
        let fingerprint = &finding.fingerprint;
        [
            of_line(fingerprint),
            of_moved(fingerprint, finding.without_path()),
        ]
    }));
    remember(repository, &agreed);
}

/// True for rules whose findings other people can cause in the files of a user who makes no mistake.
fn is_by_others(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::LostAttribute
            | Rule::UncoveredCiphertext
            | Rule::LostEncryption
            | Rule::WrongKey
            | Rule::FilteredKey
    )
}

fn acceptances(settings: &CheckSettings, baseline: &Baseline) -> BTreeSet<String> {
    let allowances = settings.allow.iter();
    let allowances = allowances.filter(|allowance| is_by_others(allowance.rule));
    let lines = baseline.names().flat_map(|(fingerprint, found)| {
        let moved = found.map(|found| of_moved(fingerprint, Some(found)));
        std::iter::once(of_line(fingerprint)).chain(moved)
    });
    allowances.map(of_allowance).chain(lines).collect()
}

fn of_allowance(allowance: &Allowance) -> String {
    format!("allow {} {:?}", allowance.rule, allowance.path.as_str())
}

fn of_line(fingerprint: &FindingId) -> String {
    format!("baseline {fingerprint}")
}

/// The acceptance of a finding that has moved. It includes what was found, since somebody else could replace that in a
/// baseline line that the user has agreed to.
fn of_moved(fingerprint: &FindingId, found: Option<&FindingId>) -> String {
    let found = found.map(ToString::to_string).unwrap_or_default();
    format!("baseline {fingerprint}:{found}")
}

/// The acceptances among `there` that the user has staged and that `HEAD` does not have. Empty during a merge, rebase or the
/// like: what is staged then may come from somebody else.
fn staged_here(
    repository: &Repository,
    settings: &CheckSettings,
    there: BTreeSet<String>,
) -> Result<BTreeSet<String>, LeakError> {
    if repository.commits().is_operation_in_progress() {
        return Ok(BTreeSet::new());
    }
    let Some(head) = repository.objects().head_commit()? else {
        return Ok(there);
    };
    let mut committed = Vec::new();
    for path in [SETTINGS_FILE, settings.baseline_path()] {
        let path = PathBytes::new(path);
        if let Some(blob) = repository.objects().file_in(head, &path)? {
            committed.push((path, blob));
        }
    }
    let text = staged_text(repository, &committed, SETTINGS_FILE)?;
    // If the committed settings can't be read, they accepted nothing.
    let settings = text.and_then(|text| CheckSettings::parse(&text).ok());
    let settings = settings.unwrap_or_default();
    let baseline = settings
        .baseline(repository, &committed)
        .unwrap_or_default();
    let before = acceptances(&settings, &baseline);
    Ok(there.difference(&before).cloned().collect())
}

fn place(repository: &Repository) -> PathBuf {
    repository.keys().own_folder().join(MEMORY)
}

fn remembered(repository: &Repository) -> Option<BTreeSet<String>> {
    let text = fs::read_to_string(place(repository)).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// A write error is ignored, so that an unwritable folder stops no check. Without saved agreements, the next check starts anew.
fn remember(repository: &Repository, agreed: &BTreeSet<String>) {
    let text: String = agreed.iter().map(|line| format!("{line}\n")).collect();
    let folder = repository.keys().own_folder();
    if create_private_folder(&folder).is_ok() {
        let text = SecretBytes::from_vec(text.into_bytes());
        let _ = write_secret_file(&place(repository), &folder, &text, true);
    }
}
