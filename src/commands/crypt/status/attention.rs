//! Everything about a repository that needs attention, as shown by `status --short`.

use std::collections::HashSet;

use super::lines;
use super::remarks::remarks;
use super::shown_from::ShownFrom;
use crate::commands::Context;
use crate::failure::Failure;
use crate::keyring::{FileStatus, Health, health, status};
use crate::leaks::check_coverage;
use crate::repository::{PathBytes, Repository};

/// Everything about a repository that needs attention.
pub(in crate::commands) struct Attention {
    pub(in crate::commands) health: Health,
    /// The lines of `status --short`; empty if nothing needs attention.
    pub(in crate::commands) lines: Vec<u8>,
    /// True if files were encrypted and no longer would be.
    pub(super) is_uncovered: bool,
}

/// Looks at all files of the repository.
pub(in crate::commands) fn attention_of(
    context: &Context,
    repository: &Repository,
) -> Result<Attention, Failure> {
    let work_tree = repository.work_tree().require("status")?;
    let shown_from = ShownFrom::new(&context.terminal, work_tree, &context.directory);
    let mut files = status(repository, None)?;
    files.retain(|file| file.is_file);
    Attention::of(context, repository, &files, None, &shown_from)
}

impl Attention {
    /// Looks at `files`, which must be all of the repository, or those at the paths of `only`.
    pub(super) fn of(
        context: &Context,
        repository: &Repository,
        files: &[FileStatus],
        only: Option<&HashSet<PathBytes>>,
        shown_from: &ShownFrom<'_>,
    ) -> Result<Self, Failure> {
        let health = health(repository, files, &context.search_path())?;
        let shown: Vec<&FileStatus> = files.iter().collect();
        let mut lines = lines::attention(&shown, &remarks(repository, &health)?, shown_from);
        let report = check_coverage(repository, only)?;
        lines.extend(lines::coverage(&report));
        Ok(Self {
            health,
            lines,
            is_uncovered: !report.findings.is_empty(),
        })
    }
}
