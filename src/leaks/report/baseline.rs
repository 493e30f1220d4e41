//! The baseline: findings that existed when the check was introduced, one a line.
//!
//! A line has the finding's fingerprint, an id of the value or content that was found, a rule and a path. Lines are sorted by
//! fingerprint. The file therefore stays the same when code moves, and two branches that both add lines usually merge without
//! conflict. If a file was moved, its findings are accepted at the new path, as long as the old path is gone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::finding::{Finding, FindingId, printable};
use super::masking::MASK;
use crate::leaks::LeakError;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, PathBytes};

/// Accepted findings.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    lines: BTreeMap<FindingId, BaselineLine>,
    /// For each rule and found value whose file is gone: the fingerprints of the findings.
    moved: HashMap<(Rule, FindingId), Vec<FindingId>>,
}

#[derive(Debug)]
struct BaselineLine {
    text: String,
    /// The rule and what was found, which together identify the finding at another path.
    found: Option<(Rule, FindingId)>,
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
            let (names, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (fingerprint, found) = names.split_once(':').unwrap_or((names, ""));
            let fingerprint = FindingId::parse(fingerprint);
            let fingerprint = fingerprint.ok_or_else(|| LeakError::BadBaseline {
                path: path.to_owned(),
                line: index + 1,
            })?;
            let rule = rest.split(' ').next().and_then(Rule::named);
            let line = BaselineLine {
                text: line.to_owned(),
                found: rule.zip(FindingId::parse(found)),
            };
            lines.insert(fingerprint, line);
        }
        Ok(Self {
            lines,
            moved: HashMap::new(),
        })
    }

    /// True if a new baseline may overwrite `held`, the bytes of the file at `path`: it is empty, or a baseline, even a damaged one.
    pub(crate) fn may_replace(path: &str, held: &[u8]) -> bool {
        held.starts_with(HEADING.as_bytes())
            || std::str::from_utf8(held).is_ok_and(|text| Self::parse(path, text).is_ok())
    }

    /// Records the lines whose files are no longer in the `index`.
    pub(super) fn in_index(mut self, index: &[(PathBytes, BlobId)]) -> Self {
        let paths: HashSet<String> = index.iter().map(|(path, _)| printable(path)).collect();
        for (fingerprint, line) in &self.lines {
            let path = line.text.splitn(3, ' ').nth(2).unwrap_or_default();
            // It is unknown whether a masked path still exists.
            if let Some(found) = &line.found
                && !paths.contains(path)
                && !path.is_empty()
                && !path.contains(MASK)
            {
                let moved = self.moved.entry(found.clone()).or_default();
                moved.push(fingerprint.clone());
            }
        }
        self
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
                let found = finding.without_path();
                let found = found.map(|found| format!(":{found}")).unwrap_or_default();
                format!("{}{found} {} {path}\n", finding.fingerprint, finding.rule)
            })
            .collect();
        HEADING.to_owned() + &lines.into_iter().collect::<String>()
    }

    /// The fingerprints of the lines that accept `finding`: its own, or lines about the same value or content in files that are gone.
    pub(crate) fn accepting<'line>(&'line self, finding: &Finding) -> &'line [FindingId] {
        if let Some((fingerprint, _)) = self.lines.get_key_value(&finding.fingerprint) {
            return std::slice::from_ref(fingerprint);
        }
        let found = finding.without_path().cloned();
        let moved = found.and_then(|found| self.moved.get(&(finding.rule, found)));
        moved.map_or(&[], Vec::as_slice)
    }

    /// The fingerprints of the accepted findings, each with the id of what was found.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&FindingId, Option<&FindingId>)> {
        self.lines.iter().map(|(fingerprint, line)| {
            let found = line.found.as_ref().map(|(_, found)| found);
            (fingerprint, found)
        })
    }

    /// The lines whose fingerprints are not among `seen`.
    pub(crate) fn unused(&self, seen: &BTreeSet<FindingId>) -> Vec<&str> {
        let unseen = self
            .lines
            .iter()
            .filter(|(fingerprint, _)| !seen.contains(fingerprint));
        unseen.map(|(_, line)| line.text.as_str()).collect()
    }
}
