//! Everything that the rules have found, before accepted findings are taken out.

use super::finding::{Finding, FindingId, Gap, Location, printable};
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, CommitId, PathBytes};

/// Findings, gaps and markers, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Inspection {
    pub(crate) findings: Vec<Finding>,
    pub(crate) gaps: Vec<Gap>,
    /// How many findings were allowed by a marker in their line.
    pub(crate) marked: usize,
    pub(crate) unused_markers: Vec<String>,
    /// Archives and compressed files that were not read, or not completely.
    pub(crate) not_looked_into: Vec<PathBytes>,
    /// Encrypted files in the commits that are looked at.
    pub(crate) ciphertext: Vec<(PathBytes, BlobId)>,
}

impl Inspection {
    pub(crate) fn append(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.gaps.extend(other.gaps);
        self.marked += other.marked;
        self.unused_markers.extend(other.unused_markers);
        self.not_looked_into.extend(other.not_looked_into);
        self.ciphertext.extend(other.ciphertext);
    }

    /// True if there is a finding of `rule` at `path`.
    pub(crate) fn has(&self, rule: Rule, path: &PathBytes) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.rule == rule && finding.place.path.as_ref() == Some(path))
    }

    /// Records that a file could not be looked at.
    pub(crate) fn add_gap(&mut self, path: &PathBytes, reason: String) {
        self.gaps.push(Gap {
            what: printable(path),
            reason,
        });
    }

    /// Adds a finding about a file as a whole, whatever its content.
    pub(crate) fn add_path(
        &mut self,
        rule: Rule,
        path: &PathBytes,
        commit: Option<CommitId>,
        hint: String,
    ) {
        self.findings.push(Finding {
            rule,
            place: Location::file(path, commit),
            hint,
            source: None,
            fingerprint: FindingId::new(rule, Some(path), b""),
            value: None,
            content: None,
        });
    }

    /// Adds a finding about a file as a whole, with the content `blob`.
    pub(crate) fn add_file(
        &mut self,
        rule: Rule,
        (path, blob): (&PathBytes, BlobId),
        commit: Option<CommitId>,
        hint: String,
    ) {
        self.add_path(rule, path, commit, hint);
        let content = FindingId::new(rule, None, blob.to_string().as_bytes());
        let added = self.findings.last_mut();
        added.expect("because it was added just now").content = Some(content);
    }
}
