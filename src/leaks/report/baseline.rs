//! The baseline: findings that were there when the check was introduced, one a line.
//!
//! A line has a fingerprint, a rule and a path, and the lines are sorted: moving code changes nothing here, and two
//! branches that both add lines merge without a conflict more often than not.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Finding, FindingId, printable};
use crate::leaks::LeakError;

/// Accepted findings.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    lines: BTreeMap<FindingId, String>,
}

/// The first line of a new baseline.
const HEADING: &str = "# Findings of `hs-secrets check` that are accepted. Written by `hs-secrets check --all --write-baseline`.\n";

impl Baseline {
    /// Its path if the settings name no other one.
    pub(crate) const FILE: &'static str = ".hs-secrets.baseline";

    /// Reads the text of the baseline at `path`.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self, LeakError> {
        let mut lines = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fingerprint = line.split(' ').next().and_then(FindingId::parse);
            let fingerprint = fingerprint.ok_or_else(|| LeakError::BadBaseline {
                path: path.to_owned(),
                line: index + 1,
            })?;
            lines.insert(fingerprint, line.to_owned());
        }
        Ok(Self { lines })
    }

    /// The text of a baseline that accepts `findings`.
    pub(crate) fn text_of(findings: &[Finding]) -> String {
        let lines: BTreeSet<String> = findings
            .iter()
            .map(|finding| {
                let path = finding
                    .place
                    .path
                    .as_ref()
                    .map(printable)
                    .unwrap_or_default();
                format!("{} {} {path}\n", finding.fingerprint, finding.rule)
            })
            .collect();
        HEADING.to_owned() + &lines.into_iter().collect::<String>()
    }

    /// True if `finding` is accepted.
    pub(crate) fn accepts(&self, finding: &Finding) -> bool {
        self.lines.contains_key(&finding.fingerprint)
    }

    /// The lines whose fingerprints are not among `seen`.
    pub(crate) fn unused(&self, seen: &BTreeSet<FindingId>) -> Vec<&str> {
        let unseen = self
            .lines
            .iter()
            .filter(|(fingerprint, _)| !seen.contains(fingerprint));
        unseen.map(|(_, line)| line.as_str()).collect()
    }
}
