//! `check`: nothing sensitive leaves in plaintext.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::leaks::{Baseline, PushedReference, Report, Rule, Scope, check, without_comments};
use crate::repository::{CommitRange, Repository};

/// Look for secrets that Git would store, or has stored, in plaintext
///
/// Looks at what is in the index and the object store, never at the work tree: files that should be encrypted and are
/// not, values of encrypted files that turn up elsewhere (with the key at hand), and well-known forms of keys, tokens and
/// passwords. Never prints a value.
///
/// Exits with 0 where nothing was found, 3 where something was, and 1 where something could not be looked at. A warning
/// alone does not fail.
///
/// A finding is allowed by `hs-secrets: allow RULE` in its line, by a `[[check.allow]]` entry with rule, path and reason
/// in .hs-secrets.toml, or by the baseline.
#[derive(Args)]
#[command(after_long_help = rules())]
pub(in crate::commands) struct CheckArgs {
    /// What the next commit would bring in: new files and added lines (the default)
    #[arg(long, group = "scope")]
    staged: bool,
    /// Everything in the index
    #[arg(long, group = "scope")]
    all: bool,
    /// Everything in all branches and tags, each content once
    #[arg(long, group = "scope")]
    history: bool,
    /// What each commit of A..B brings in, and their messages; A...B as in `git log`: what only one of the two has
    #[arg(long, group = "scope", value_name = "A..B")]
    range: Option<CommitRange>,
    /// A commit message, as Git's commit-msg hook has it
    #[arg(long, group = "scope", value_name = "FILE")]
    message: Option<PathBuf>,
    /// What a push would send, as Git tells its pre-push hook on standard input
    #[arg(long, group = "scope", value_name = "REMOTE", hide = true)]
    pushed_to: Option<String>,
    /// These files and folders, as they are in the index
    #[arg(group = "scope", value_name = "FILE")]
    files: Vec<OsString>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say nothing where nothing was found
    #[arg(short, long)]
    quiet: bool,
    /// Accept what is found now: write it to the baseline, which the next checks leave out
    #[arg(long, requires = "all")]
    write_baseline: bool,
}

/// The forms of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl CheckArgs {
    pub(in crate::commands) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        Repository::trust_stored_ids();
        let scope = self.scope(context, &repository)?;
        let report = check(&repository, &scope, !self.write_baseline)?;
        if self.write_baseline {
            return write_baseline(context, &repository, &report);
        }
        self.say(context, &report)?;
        conclude(&repository, &report)
    }

    fn scope(&self, context: &Context, repository: &Repository) -> Result<Scope, Failure> {
        if let Some(path) = &self.message {
            let message = fs::read(path).map_err(|error| {
                Failure::new(format_args!(
                    "reading the message in {} failed: {error}",
                    path.display()
                ))
            })?;
            let mark = repository.comment_mark()?;
            Ok(Scope::Message(without_comments(&message, &mark)))
        } else if self.all {
            Ok(Scope::All)
        } else if self.history {
            Ok(Scope::History)
        } else if let Some(range) = &self.range {
            Ok(Scope::Range(range.clone()))
        } else if let Some(remote) = &self.pushed_to {
            let lines = io::stdin().lock().lines();
            let references = lines.map(|line| {
                let line = line.map_err(|error| {
                    Failure::new(format_args!("reading what Git pushes failed: {error}"))
                })?;
                Ok(PushedReference::parse(&line)?)
            });
            Ok(Scope::Pushed {
                remote: remote.clone(),
                references: references.collect::<Result<_, Failure>>()?,
            })
        } else if !self.files.is_empty() {
            let files = repository.indexed_paths(&context.directory, &self.files);
            let files = files.map_err(|error| {
                Failure::from(error)
                    .hint("the check looks at what Git would store: `git add` the file first")
            })?;
            Ok(Scope::Files(files))
        } else {
            Ok(Scope::Staged)
        }
    }

    fn say(&self, context: &Context, report: &Report) -> Result<(), Failure> {
        let terminal = &context.terminal;
        match self.format {
            Format::Json => return terminal.json(&report.to_json()),
            Format::Sarif => return terminal.json(&report.to_sarif(env!("CARGO_PKG_VERSION"))),
            Format::Github => report
                .github_lines()
                .iter()
                .try_for_each(|line| terminal.line(line))?,
            Format::Text => report
                .lines()
                .iter()
                .try_for_each(|line| terminal.line(line))?,
        }
        // For the same commit, the hook before the one for messages has said so.
        let noted_before = self.quiet && self.message.is_some();
        if !noted_before {
            report.notes.iter().for_each(|note| terminal.warning(note));
        }
        report
            .unused
            .iter()
            .for_each(|unused| terminal.warning(unused));
        for gap in &report.gaps {
            terminal.error(format_args!("could not check {}: {}", gap.what, gap.reason));
        }
        if report.findings.is_empty() && report.gaps.is_empty() && !self.quiet {
            terminal.say(format_args!(
                "nothing found in {}",
                counted(report.looked_at, "file or message", "files and messages")
            ));
        }
        if report.has_errors() && self.format == Format::Text {
            terminal.hint(
                "where a finding is no leak: `hs-secrets: allow RULE` in its line, or an entry under [check] in .hs-secrets.toml",
            );
        }
        Ok(())
    }
}

/// The rules, for the help text.
fn rules() -> String {
    let line = |rule: Rule| format!("\n  {:<23} {}", rule.name(), rule.reason());
    Rule::ALL
        .into_iter()
        .fold("Rules:".to_owned(), |text, rule| text + &line(rule))
}

fn conclude(repository: &Repository, report: &Report) -> Result<Outcome, Failure> {
    if report.has_errors() {
        return Ok(Outcome::Found);
    }
    match report.gaps.len() {
        0 => Ok(Outcome::Done),
        count => {
            let failure = Failure::new(format_args!(
                "{} could not be checked, so this is no clean bill of health",
                counted(count, "thing", "things")
            ));
            Err(match repository.is_partial() {
                true => failure.hint(
                    "this is a partial clone: `git fetch --refetch --no-filter` fetches what is missing",
                ),
                false => failure,
            })
        }
    }
}

fn write_baseline(
    context: &Context,
    repository: &Repository,
    report: &Report,
) -> Result<Outcome, Failure> {
    if !report.gaps.is_empty() {
        return conclude(repository, report);
    }
    repository.write_in_work_tree(
        Path::new(&report.baseline_path),
        Baseline::text_of(&report.findings).as_bytes(),
    )?;
    context.terminal.say(format_args!(
        "accepted {} in {}; look through it, then `git add` it",
        counted(report.findings.len(), "finding", "findings"),
        report.baseline_path
    ));
    Ok(Outcome::Done)
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
