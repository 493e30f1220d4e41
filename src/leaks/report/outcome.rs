//! The report of a check.

use super::finding::{Finding, Gap};
use crate::leaks::rule::Severity;

/// The report of a check.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The findings that are not accepted, sorted by path.
    pub findings: Vec<Finding>,
    /// Everything that could not be looked at. If there is anything, the repository is not called clean.
    pub gaps: Vec<Gap>,
    /// Remarks that do not make the check fail.
    pub notes: Vec<String>,
    /// Allowances, baseline lines and markers that match no finding.
    pub unused: Vec<String>,
    /// Number of files and messages that were looked at.
    pub looked_at: usize,
    /// Number of findings that are allowed.
    pub allowed: usize,
    /// The path of the baseline from the top of the repository.
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
