//! What a check has to say.

use super::finding::{Finding, Gap};
use crate::leaks::rule::Severity;

/// What a check has to say.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What was found and is not allowed, in the order of paths.
    pub findings: Vec<Finding>,
    /// What could not be looked at: with any of these, nothing is clean.
    pub gaps: Vec<Gap>,
    /// What the user should know although it is no failure.
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
    /// True where a finding is an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.rule.severity() == Severity::Error)
    }
}
