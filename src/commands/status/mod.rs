//! `status`: which files are encrypted, in git-crypt's words.

use std::ffi::OsString;
use std::path::Path;

use clap::Args;

use super::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{FileStatus, Repair, repair, status};
use crate::repository::PathBytes;

/// Display which files are encrypted
///
/// Exits with 1 where a file that should be encrypted is not, or can't be shown by `git diff`.
#[derive(Args)]
pub(super) struct StatusArgs {
    /// Show encrypted files only
    #[arg(short, conflicts_with = "unencrypted")]
    encrypted: bool,
    /// Show unencrypted files only
    #[arg(short)]
    unencrypted: bool,
    /// Fix problems: stage an encrypted version of files that are staged or committed in plaintext
    #[arg(short, long, conflicts_with_all = ["encrypted", "unencrypted"])]
    fix: bool,
    /// Files and directories to show, instead of all
    #[arg(value_name = "FILE")]
    files: Vec<OsString>,
}

impl StatusArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let work_tree = repository.require_work_tree("status")?.to_owned();
        let only = match self.files.is_empty() {
            true => None,
            false => Some(repository.paths_matching(&context.directory, &self.files)?),
        };
        let files = status(&repository, only.as_ref())?;
        let shown_from = ShownFrom::new(&work_tree, &context.directory);
        if self.fix {
            let leaking: Vec<&FileStatus> = files.iter().filter(|file| file.is_leaking()).collect();
            return report_repair(context, &shown_from, &repair(&repository, &leaking)?);
        }
        let mut lines = Vec::new();
        for file in &files {
            let shown = match file.encryption {
                Some(_) => !self.unencrypted,
                None => !self.encrypted,
            };
            if shown {
                write_line(&mut lines, file, &shown_from);
            }
        }
        let about =
            |trouble: fn(&FileStatus) -> bool| !self.unencrypted && files.iter().any(trouble);
        let (leaking, lacking_diff) =
            (about(FileStatus::is_leaking), about(FileStatus::lacks_diff));
        context.terminal.bytes(&lines)?;
        explain(context, leaking, lacking_diff)?;
        Ok(if leaking || lacking_diff {
            Outcome::Warned
        } else {
            Outcome::Done
        })
    }
}

fn write_line(lines: &mut Vec<u8>, file: &FileStatus, shown_from: &ShownFrom) {
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

fn explain(context: &Context, leaking: bool, lacking_diff: bool) -> Result<(), Failure> {
    if lacking_diff {
        context.terminal.line(
            "\nWarning: some files have a git-crypt filter attribute without the diff attribute that goes with it, so\n\
             `git diff` can't show them. Set both in .gitattributes.",
        )?;
    }
    if leaking {
        let program = context.terminal.program();
        context.terminal.line(format_args!(
            "\nWarning: some files are to be encrypted according to .gitattributes, but Git has them in plaintext.\n\
             Run '{program} status -f' to stage encrypted versions."
        ))?;
    }
    Ok(())
}

fn report_repair(
    context: &Context,
    shown_from: &ShownFrom,
    outcomes: &[(&PathBytes, Repair)],
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
    if staged > 0 {
        context.terminal.warning(
            "what was committed in plaintext before stays readable in the history: change those secrets",
        );
    }
    Ok(if failed > 0 {
        Outcome::Warned
    } else {
        Outcome::Done
    })
}

/// Shows paths as seen from the directory that the user is in.
struct ShownFrom {
    /// The directory's parts below the top of the work tree.
    parts: Vec<Vec<u8>>,
}

impl ShownFrom {
    fn new(work_tree: &Path, directory: &Path) -> Self {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let below = canonical(directory)
            .strip_prefix(canonical(work_tree))
            .map(Path::to_owned)
            .unwrap_or_default();
        Self {
            parts: below
                .iter()
                .map(|part| part.as_encoded_bytes().to_vec())
                .collect(),
        }
    }

    fn show(&self, path: &PathBytes) -> Vec<u8> {
        let parts: Vec<&[u8]> = path.as_bytes().split(|&byte| byte == b'/').collect();
        let shared = self
            .parts
            .iter()
            .zip(&parts)
            .take_while(|(own, part)| own.as_slice() == **part)
            .count();
        let mut shown = b"../".repeat(self.parts.len() - shared);
        shown.extend(parts[shared..].join(&b'/'));
        shown
    }
}
