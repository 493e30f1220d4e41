//! The listing for people: one line a file in git-crypt's format, then what needs attention, then what was fixed.

use std::collections::HashSet;

use super::remarks::Remark;
use super::shown_from::ShownFrom;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{FileStatus, Repair};
use crate::leaks::Report;
use crate::repository::PathBytes;
use crate::terminal::visible;

/// The files as git-crypt lists them.
pub(super) fn listing(files: &[&FileStatus], shown_from: &ShownFrom<'_>) -> Vec<u8> {
    let mut lines = Vec::new();
    for file in files {
        write_line(&mut lines, file, shown_from);
    }
    lines
}

/// Only the problems; empty if there are none.
pub(super) fn attention(
    files: &[&FileStatus],
    remarks: &[Remark],
    shown_from: &ShownFrom<'_>,
) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut line =
        |kind: &str, text: &[u8]| lines.extend([kind.as_bytes(), b": ", text, b"\n"].concat());
    for file in files.iter().filter(|file| file.is_leaking()) {
        line("exposed", &shown_from.show(&file.path));
    }
    for file in files.iter().filter(|file| file.lacks_diff()) {
        line("no diff", &shown_from.show(&file.path));
    }
    for remark in remarks {
        let kind = if remark.is_danger { "danger" } else { "note" };
        line(kind, visible(&remark.message).as_bytes());
    }
    lines
}

/// The files that were encrypted and no longer are, named by the rules of `check`, and everything that could not be compared.
pub(super) fn coverage(report: &Report) -> Vec<u8> {
    let findings = report.findings.iter().map(|finding| {
        let hint = match finding.hint.as_str() {
            "" => String::new(),
            hint => format!(" ({hint})"),
        };
        format!("{}: {}{hint}\n", finding.rule, finding.place)
    });
    let gaps = report.gaps.iter();
    let gaps = gaps.map(|gap| format!("danger: could not look at {}: {}\n", gap.what, gap.reason));
    let notes = report.notes.iter().map(|note| format!("note: {note}\n"));
    let lines: String = findings.chain(gaps).chain(notes).collect();
    lines.into_bytes()
}

/// Warns of attributes that are overridden from outside of the tree, and says what could not be compared.
pub(super) fn warn_of_outside(context: &Context, report: &Report) {
    for finding in &report.findings {
        let message = finding.message();
        let place = &finding.place;
        context.terminal.warning(format_args!("{place}: {message}"));
    }
    report
        .notes
        .iter()
        .for_each(|note| context.terminal.warning(note));
}

/// Writes a line in git-crypt's format.
fn write_line(lines: &mut Vec<u8>, file: &FileStatus, shown_from: &ShownFrom<'_>) {
    let kind: &[u8] = if file.encryption.is_some() {
        b"    encrypted: "
    } else {
        b"not encrypted: "
    };
    lines.extend_from_slice(kind);
    lines.extend(shown_from.show(&file.path));
    if let Some(encryption) = file.encryption.as_ref().filter(|_| file.lacks_diff()) {
        let driver = encryption.key.driver();
        lines.extend_from_slice(
            format!(" *** WARNING: diff={driver} attribute not set ***").as_bytes(),
        );
    }
    if file.is_leaking() {
        lines.extend_from_slice(b" *** WARNING: staged/committed version is NOT ENCRYPTED! ***");
    }
    lines.push(b'\n');
}

pub(super) fn explain(context: &Context, files: &[&FileStatus]) -> Result<(), Failure> {
    if files.iter().any(|file| file.lacks_diff()) {
        context.terminal.bytes(
            b"\nWarning: some files have a git-crypt filter attribute without the diff attribute that goes with it, so\n\
             `git diff` can't show them. Set both in .gitattributes.\n",
        )?;
    }
    if files.iter().any(|file| file.is_leaking()) {
        let program = context.terminal.program();
        let warning = format!(
            "\nWarning: some files are to be encrypted according to .gitattributes, but Git has them in plaintext.\n\
             Run '{program} status -f' to stage encrypted versions.\n"
        );
        context.terminal.bytes(warning.as_bytes())?;
    }
    Ok(())
}

pub(super) fn report_renewed(
    context: &Context,
    shown_from: &ShownFrom<'_>,
    renewed: &[PathBytes],
) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for path in renewed {
        lines.extend(shown_from.show(path));
        lines.extend_from_slice(b": staged version under the key in use\n");
    }
    context.terminal.bytes(&lines)?;
    if !renewed.is_empty() {
        context.terminal.warning(
            "what was encrypted with the key before stays readable with it in the history: change those secrets",
        );
    }
    Ok(())
}

pub(super) fn report_repair(
    context: &Context,
    shown_from: &ShownFrom<'_>,
    outcomes: &[(&PathBytes, Repair)],
    committed: &HashSet<PathBytes>,
) -> Result<Outcome, Failure> {
    let mut lines = Vec::new();
    let mut failed = 0;
    for (path, outcome) in outcomes {
        let name = shown_from.show(path);
        let shown = String::from_utf8_lossy(&name).into_owned();
        match outcome {
            Repair::Staged => lines.extend([&name, &b": staged encrypted version\n"[..]].concat()),
            Repair::Missing => context.terminal.error(format_args!(
                "{shown}: can't stage an encrypted version, since it is not in the work tree: `git rm` or `git checkout` it"
            )),
            Repair::StillPlain => context.terminal.error(format_args!(
                "{shown}: still in plaintext after `git add`: its filter is not configured here, unlock first"
            )),
        }
        failed += usize::from(*outcome != Repair::Staged);
    }
    let staged = outcomes.len() - failed;
    if staged > 0 {
        let files = if staged == 1 { "file" } else { "files" };
        lines.extend_from_slice(format!("Staged {staged} encrypted {files}.\n").as_bytes());
    }
    context.terminal.bytes(&lines)?;
    if !committed.is_empty() {
        context.terminal.warning(
            "what was committed in plaintext before stays readable in the history: change those secrets",
        );
    }
    for (path, _) in outcomes.iter().filter(|(path, outcome)| {
        *outcome == Repair::Staged && !committed.is_empty() && !committed.contains(*path)
    }) {
        let name = String::from_utf8_lossy(&shown_from.show(path)).into_owned();
        let hint = format!("no commit here has {name} in plaintext: it need not be changed");
        context.terminal.hint(hint);
    }
    Ok(if failed > 0 {
        Outcome::Warned
    } else {
        Outcome::Done
    })
}
