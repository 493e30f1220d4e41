//! Separates accepted findings from those that are reported.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::agreements::Agreements;
use super::allowances::CheckSettings;
use super::baseline::Baseline;
use super::finding::{Finding, FindingId};
use super::inspection::Inspection;
use super::outcome::Report;
use crate::leaks::rule::Rule;
use crate::repository::PathBytes;
use crate::stack::SETTINGS_FILE;

/// The command that accepts what somebody else has accepted.
const AGREE: &str = "`check --all --write-baseline` agrees to it in this clone";

/// Everything that the repository and this clone accept.
pub(crate) struct Sieve<'check> {
    pub(crate) settings: &'check CheckSettings,
    pub(crate) baseline: &'check Baseline,
    pub(crate) agreements: &'check Agreements,
    /// True if the whole index is looked at. An entry that matches nothing is then not needed any more.
    pub(crate) everything: bool,
    pub(crate) locked: bool,
}

impl Sieve<'_> {
    pub(crate) fn report(
        &self,
        mut inspection: Inspection,
        notes: Vec<String>,
        looked_at: usize,
    ) -> Report {
        let mut report = Report {
            gaps: inspection.gaps,
            notes,
            looked_at,
            allowed: inspection.marked,
            baseline_path: self.settings.baseline_path().to_owned(),
            ..Report::default()
        };
        let mut used = HashSet::new();
        let mut seen = BTreeSet::new();
        hide_consequences(&mut inspection.findings);
        for mut finding in inspection.findings {
            let allowance = self.settings.allowing(&finding);
            used.extend(allowance);
            let accepted_by = self.baseline.accepting(&finding);
            // If the value has moved, all lines that accept it count as used by the first finding.
            if accepted_by.first().is_some_and(|line| !seen.contains(line)) {
                seen.extend(accepted_by.iter().cloned());
            }
            seen.insert(finding.fingerprint.clone());
            let allowance = allowance.map(|index| &self.settings.allow[index]);
            let is_accepted = allowance.is_some() || !accepted_by.is_empty();
            let counts = is_accepted && self.agreements.count(&finding, allowance, accepted_by);
            if !is_accepted {
                report.findings.push(finding);
            } else if !counts {
                finding.hint = format!(
                    "{} (accepted by a change of somebody else: {AGREE})",
                    finding.hint
                );
                report.findings.push(finding);
            } else {
                report.allowed += 1;
                report.notes.extend(self.agreements.note(&finding));
            }
        }
        report
            .findings
            .sort_by(|one, other| (&one.place, one.rule).cmp(&(&other.place, other.rule)));
        report.gaps.sort();
        report.gaps.dedup();
        if self.everything {
            report.unused = self.unused(&used, &seen);
            report.unused.extend(inspection.unused_markers);
        }
        report
    }

    fn unused(&self, used: &HashSet<usize>, seen: &BTreeSet<FindingId>) -> Vec<String> {
        let allowances = self.settings.allow.iter().enumerate();
        let idle = allowances.filter(|(index, allowance)| {
            !(used.contains(index) || self.locked && allowance.rule.needs_key())
        });
        let mut unused: Vec<String> = idle
            .map(|(_, allowance)| {
                format!(
                    "{SETTINGS_FILE}: nothing of `{}` is found in {} any more",
                    allowance.rule,
                    allowance.path.as_str()
                )
            })
            .collect();
        let of_key = |line: &str| {
            line.split(' ')
                .nth(1)
                .and_then(Rule::named)
                .is_some_and(Rule::needs_key)
        };
        let lines = self.baseline.unused(seen).into_iter();
        unused.extend(
            lines
                .filter(|line| !(self.locked && of_key(line)))
                .map(|line| format!("the baseline: nothing is found any more for `{line}`")),
        );
        unused
    }
}

/// Removes other findings in a file that should be encrypted as a whole, even if that finding is accepted. A known value
/// of another file stays: it is a leak of its own.
fn hide_consequences(findings: &mut Vec<Finding>) {
    let whole = |finding: &Finding| {
        matches!(
            finding.rule,
            Rule::UnencryptedBlob
                | Rule::LostEncryption
                | Rule::UncoveredCiphertext
                | Rule::PlaintextStackSecret
        )
    };
    let mut most_telling: BTreeMap<Option<PathBytes>, Rule> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| whole(finding)) {
        let rule = most_telling
            .entry(finding.place.path.clone())
            .or_insert(finding.rule);
        *rule = finding.rule.min(*rule);
    }
    findings.retain(|finding| {
        let rule = most_telling.get(&finding.place.path);
        finding.rule == Rule::KnownSecret || rule.is_none_or(|rule| *rule == finding.rule)
    });
}
