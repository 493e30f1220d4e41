//! `check`: finds secrets that would be stored in plaintext.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::leaks::{
    Baseline, LeakError, PushedReference, Report, Rule, Scope, agree_to, check,
    is_about_common_values, is_about_locked, lost_hooks, rewritten_commit, take_daily_reminder,
    without_comments,
};
use crate::repository::{CommitRange, Repository, RepositoryError, trust_stored_ids};

/// Look for secrets that Git would store, or has stored, in plaintext
///
/// Reads the index and the stored objects, never the work tree. Never prints a secret.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = explained())]
pub(in crate::commands) struct CheckArgs {
    /// Check what the next commit would bring in: new files and added lines (the default)
    #[arg(long, group = "scope")]
    staged: bool,
    /// Check everything in the index
    #[arg(long, group = "scope")]
    all: bool,
    /// Check everything in all branches and tags
    #[arg(long, group = "scope")]
    history: bool,
    /// Check each commit of a range, with its message; A...B as in `git log`
    #[arg(long, group = "scope", value_name = "A..B")]
    range: Option<CommitRange>,
    /// Check a commit message, as Git's commit-msg hook does
    #[arg(long, group = "scope", value_name = "FILE")]
    message: Option<PathBuf>,
    /// Check what a push would send, as Git tells its pre-push hook on standard input
    #[arg(long, group = "scope", value_name = "REMOTE", hide = true)]
    pushed_to: Option<String>,
    /// Check the commits of a rewrite, as Git tells its post-rewrite hook on standard input
    #[arg(long, group = "scope", hide = true)]
    rewritten: bool,
    /// Check these files and folders, as they are in the index
    #[arg(group = "scope", value_name = "FILE")]
    files: Vec<OsString>,
    /// Form of the report: for people, JSON, SARIF 2.1.0, or annotations of GitHub Actions
    #[arg(long, value_enum, hide_possible_values = true, value_name = "text|json|sarif|github", default_value_t = Format::Text)]
    format: Format,
    /// Say nothing if nothing is found
    #[arg(short, long)]
    quiet: bool,
    /// Accept what is found now: write it to the baseline, which later checks leave out
    #[arg(long, requires = "all")]
    write_baseline: bool,
}

/// The usual ways to call `check`.
const EXAMPLES: &str = "Examples:
  hs-secrets check                        before a commit
  hs-secrets check --all                  in CI
  hs-secrets check --range main..HEAD     what a branch adds
  hs-secrets check --history              before a repository becomes public";

/// How to accept findings, and what the exit codes mean.
const ACCEPTING: &str = "Exit codes: 0 nothing found (or only warnings), 3 something found, 1 something could not be checked.

To accept a finding, write `hs-secrets: allow RULE` in its line, or in .hs-secrets.toml:
  [[check.allow]]
  rule = \"token\"
  path = \"docs/**\"     # a file, a folder, or a pattern with *, ** and ?
  reason = \"invented, for the manual\"";

/// The forms of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

impl CheckArgs {
    pub(in crate::commands) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        trust_stored_ids();
        let scope = self.scope(context, &repository)?;
        if matches!(&scope, Scope::Commits(commits) if commits.is_empty()) {
            return Ok(Outcome::Done);
        }
        let report = check(&repository, &scope, !self.write_baseline)?;
        if self.write_baseline {
            return write_baseline(context, &repository, &report);
        }
        self.print_report(context, &repository, &report)?;
        if !self.quiet {
            for name in lost_hooks(&repository)? {
                context.terminal.warning(format_args!(
                    "the hook {name} does not run the check any more: `install-hooks` puts it back"
                ));
            }
        }
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
            let mark = repository.configuration().comment_mark()?;
            Ok(Scope::Message(without_comments(&message, &mark)))
        } else if self.all {
            Ok(Scope::All)
        } else if self.history {
            Ok(Scope::History)
        } else if let Some(range) = &self.range {
            Ok(Scope::Range(range.clone()))
        } else if let Some(remote) = &self.pushed_to {
            let lines = lines_of_git("pushes")?;
            let references = lines.iter().map(|line| PushedReference::parse(line));
            Ok(Scope::Pushed {
                remote: remote.clone(),
                references: references.collect::<Result<_, _>>()?,
            })
        } else if self.rewritten {
            let mut commits = Vec::new();
            for line in lines_of_git("has rewritten")? {
                let commit = repository.objects().commit(rewritten_commit(&line)?)?;
                if !commits.contains(&commit) {
                    commits.push(commit);
                }
            }
            Ok(Scope::Commits(commits))
        } else if !self.files.is_empty() {
            let files = repository
                .work_tree()
                .indexed_paths(&context.directory, &self.files);
            let files = files.map_err(|error| {
                Failure::from(error)
                    .hint("the check looks at what Git would store: `git add` the file first")
            })?;
            Ok(Scope::Files(files))
        } else {
            Ok(Scope::Staged)
        }
    }

    fn print_report(
        &self,
        context: &Context,
        repository: &Repository,
        report: &Report,
    ) -> Result<(), Failure> {
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
        // For the same commit, an earlier hook has printed the notes.
        let noted_before = self.quiet && self.message.is_some();
        if !noted_before {
            // Hooks run often. That the clone is locked is said at most once a day.
            let is_known = |note: &str| {
                self.quiet
                    && (is_about_common_values(note)
                        || is_about_locked(note) && !take_daily_reminder(repository))
            };
            let notes = report.notes.iter().filter(|note| !is_known(note));
            notes.for_each(|note| terminal.warning(note));
        }
        report
            .unused
            .iter()
            .for_each(|unused| terminal.warning(unused));
        for gap in &report.gaps {
            terminal.error(format_args!("could not check {}: {}", gap.what, gap.reason));
        }
        if report.findings.is_empty() && report.gaps.is_empty() && !self.quiet {
            terminal.info(format_args!(
                "nothing found in {}",
                counted(report.looked_at, "file or message", "files and messages")
            ));
        }
        if report.has_errors() && self.rewritten {
            terminal.hint(
                "Git asks no hook before it makes such commits. They are here, and a push will be stopped: mend them first, with `git commit --amend` or `git rebase -i`",
            );
        }
        if report.has_errors() && self.format == Format::Text {
            terminal.hint(
                "where a finding is no leak: `hs-secrets: allow RULE` in its line, or an entry under [check] in .hs-secrets.toml",
            );
        }
        Ok(())
    }
}

/// The lines in which Git tells a hook what happens, from stdin.
fn lines_of_git(does: &str) -> Result<Vec<String>, Failure> {
    let lines: io::Result<_> = io::stdin().lock().lines().collect();
    lines.map_err(|error| Failure::new(format_args!("reading what Git {does} failed: {error}")))
}

/// The end of the long help: examples, how to accept findings, the names of the rules.
fn explained() -> String {
    let rules = Rule::ALL.map(Rule::name);
    let lines: Vec<String> = rules.chunks(4).map(|some| some.join(", ")).collect();
    format!(
        "{EXAMPLES}\n\n{ACCEPTING}\n\nRules:\n  {}",
        lines.join(",\n  ")
    )
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
            Err(if repository.objects().is_partial().unwrap_or(false) {
                failure.hint(
                    "this is a partial clone: `git fetch --refetch --no-filter` fetches what is missing",
                )
            } else {
                failure
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
    require_replaceable(repository, &report.baseline_path)?;
    repository.work_tree().write(
        Path::new(&report.baseline_path),
        Baseline::text_of(&report.findings).as_bytes(),
    )?;
    agree_to(repository, &report.findings);
    context.terminal.info(format_args!(
        "accepted {} in {}; look through it, then `git add` it",
        counted(report.findings.len(), "finding", "findings"),
        report.baseline_path
    ));
    Ok(Outcome::Done)
}

/// Refuses to overwrite a file that is no baseline, since the path comes from a commit, which may be an attacker's.
fn require_replaceable(repository: &Repository, path: &str) -> Result<(), Failure> {
    let place = repository
        .work_tree()
        .require("writing the baseline")?
        .join(path);
    match fs::read(&place) {
        Ok(held) if !Baseline::may_replace(path, &held) => Err(LeakError::NotABaseline {
            path: path.to_owned(),
        }
        .into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RepositoryError::file("reading", &place)(error).into())
        }
        _ => Ok(()),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
