//! `status`: which files are encrypted, which should be but are not, and what else endangers them.

mod attention;
mod lines;
mod listing;
mod remarks;
mod shown_from;

use std::ffi::OsString;

use clap::Args;

pub(in crate::commands) use self::attention::{Attention, attention_of};
use self::remarks::{Remark, remarks};
use self::shown_from::ShownFrom;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{FileStatus, Repair, health, renew, repair, status};
use crate::leaks::{check_coverage, check_outside_attributes, committed_in_plaintext};

/// Display which files are encrypted
///
/// Exits with 1 where a file that should be encrypted is not, or can't be shown by `git diff`. On a terminal it also
/// says which keys are missing and what endangers secrets; `--short` says that anywhere, and nothing else.
#[derive(Args)]
pub(crate) struct StatusArgs {
    /// Show encrypted files only
    #[arg(short, conflicts_with = "unencrypted")]
    encrypted: bool,
    /// Show unencrypted files only
    #[arg(short)]
    unencrypted: bool,
    /// Fix problems: stage an encrypted version of files that are staged or committed in plaintext, or under a key that was
    /// rotated out
    #[arg(short, long, conflicts_with_all = ["encrypted", "unencrypted"])]
    fix: bool,
    /// Show what needs attention only; nothing where all is well
    #[arg(short, long, conflicts_with_all = ["fix", "encrypted", "unencrypted"])]
    short: bool,
    /// Show keys, files and concerns as JSON
    #[arg(long, conflicts_with_all = ["fix", "short"])]
    json: bool,
    /// Show each file as a word (encrypted, exposed, untracked or plain), a space, its path from the top, and a NUL
    #[arg(short = 'z', long = "null", conflicts_with_all = ["fix", "short", "json"])]
    null: bool,
    /// Show nothing, as git-crypt does
    #[arg(short, hide = true, conflicts_with_all = ["encrypted", "unencrypted", "fix", "short", "json", "null", "files"])]
    repository_only: bool,
    /// Files and directories to show, instead of all
    #[arg(value_name = "FILE")]
    files: Vec<OsString>,
}

impl StatusArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        if self.repository_only {
            return Ok(Outcome::Done);
        }
        let repository = context.repository()?;
        let work_tree = repository.work_tree().require("status")?.to_owned();
        let only = if self.files.is_empty() {
            None
        } else {
            Some(
                repository
                    .work_tree()
                    .paths_matching(&context.directory, &self.files)?,
            )
        };
        let only = only.as_ref();
        let mut uncovered = false;
        let mut files = status(&repository, only)?;
        if self.null || self.json || self.short {
            files.retain(|file| file.is_file);
        }
        let shown_from = ShownFrom::new(&context.terminal, &work_tree, &context.directory);
        if self.fix {
            let leaking: Vec<&FileStatus> = files.iter().filter(|file| file.is_leaking()).collect();
            let mut plain = Vec::new();
            for file in &leaking {
                let staged = repository.index().staged_blob(&file.path)?;
                plain.extend(staged.map(|blob| (file.path.clone(), blob)));
            }
            let outcomes = repair(&repository, &leaking)?;
            plain.retain(|(path, _)| outcomes.contains(&(path, Repair::Staged)));
            let committed = committed_in_plaintext(&repository, &plain)?;
            let renewed = renew(&repository, |path| {
                only.is_none_or(|only| only.contains(path))
            })?;
            lines::report_renewed(context, &shown_from, &renewed)?;
            return lines::report_repair(context, &shown_from, &outcomes, &committed);
        }
        let shown: Vec<&FileStatus> = files.iter().filter(|file| self.shows(file)).collect();
        if self.null {
            context.terminal.bytes(&listing::records(&shown))?;
        } else if self.json {
            let health = health(&repository, &files, &context.search_path())?;
            let remarks = remarks(&repository, &health)?;
            let report = check_coverage(&repository, only)?;
            uncovered = !report.findings.is_empty();
            let document = listing::document(&shown, &health, remarks, &report);
            context.terminal.json(&document)?;
        } else if self.short {
            let attention = Attention::of(context, &repository, &files, only, &shown_from)?;
            uncovered = attention.is_uncovered;
            context.terminal.bytes(&attention.lines)?;
        } else {
            context
                .terminal
                .bytes(&lines::listing(&shown, &shown_from))?;
            lines::explain(context, &shown)?;
            let report = check_outside_attributes(&repository, only)?;
            lines::warn_of_outside(context, &report);
            // git-crypt's exit code does not depend on lost encryption.
            uncovered = !report.findings.is_empty() && context.terminal.program() != "git-crypt";
            if context.terminal.is_interactive() {
                let health = health(&repository, &files, &context.search_path())?;
                warn_of_remarks(context, &remarks(&repository, &health)?);
            }
        }
        let trouble = |file: &&FileStatus| file.is_leaking() || file.lacks_diff();
        Ok(if uncovered || shown.iter().any(trouble) {
            Outcome::Warned
        } else {
            Outcome::Done
        })
    }

    fn shows(&self, file: &FileStatus) -> bool {
        match file.encryption {
            Some(_) => !self.unencrypted,
            None => !self.encrypted,
        }
    }
}

/// Prints the remarks that git-crypt's output does not have.
fn warn_of_remarks(context: &Context, remarks: &[Remark]) {
    for remark in remarks {
        if remark.is_danger {
            context.terminal.warning(&remark.message);
        } else {
            context.terminal.hint(&remark.message);
        }
    }
}
