//! The report of a check.

use super::finding::{Finding, Gap};
use crate::leaks::rule::Severity;

/// The report of a check.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The findings that nothing allows, in the order of paths.
    pub findings: Vec<Finding>,
    /// Things that could not be looked at. With any of these, nothing is clean.
    pub gaps: Vec<Gap>,
    /// Remarks that are no failure.
    pub notes: Vec<String>,
    /// Allowances, baseline lines and markers that match nothing.
    pub unused: Vec<String>,
    /// Number of files, and of commit messages, that were looked at.
    pub looked_at: usize,
    /// Number of findings that are allowed.
    pub allowed: usize,
    /// Where the baseline lies, from the top of the repository.
    pub baseline_path: String,
}

impl Report {
    /// True if a finding is an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.rule.severity() == Severity::Error)
    }
}
