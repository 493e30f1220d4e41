//! `clean`, `smudge`, `diff`, `filter-process`: the commands that Git calls.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Context, Outcome};
use crate::failure::{Failure, ROOM_FOR_LONG_FILES};
use crate::filter::{
    Destination, FilterError, Filtered, InRepository, Notice, RepositoryOnDemand, Smudged,
    awaited_input, clean, refuse_every_file, serve, smudge_any_length, standard_input,
    standard_output,
};
use crate::format::{BlobError, KeyFile, KeyName};
use crate::keyring::{KeySource, read_legacy_key, read_raw_key, rewrapped};
use crate::repository::Repository;
use crate::secret::wipe_stack;
use crate::terminal::Terminal;

/// The hint for ciphertext in which Git converts line ends.
const LINE_ENDS: &str =
    "`text` or `eol` is set for it: say `-text` for encrypted files in .gitattributes";

/// The key that a filter uses.
#[derive(Args)]
pub(super) struct FilterKey {
    /// Use the key of this name, instead of the default one
    #[arg(short, long, value_name = "NAME")]
    key_name: Option<String>,
    /// Use the key in this file, instead of the repository's
    #[arg(long, value_name = "PATH")]
    key_file: Option<PathBuf>,
}

/// Encrypt standard input to standard output, as Git's clean filter
#[derive(Args)]
pub(super) struct CleanArgs {
    #[command(flatten)]
    key: FilterKey,
    /// A legacy key file: how git-crypt 0.3 and older configured their filters
    #[arg(hide = true, conflicts_with_all = ["key_name", "key_file"])]
    legacy_key: Option<PathBuf>,
}

/// Decrypt standard input to standard output, as Git's smudge filter
#[derive(Args)]
pub(super) struct SmudgeArgs {
    #[command(flatten)]
    key: FilterKey,
    /// A legacy key file: how git-crypt 0.3 and older configured their filters
    #[arg(hide = true, conflicts_with_all = ["key_name", "key_file"])]
    legacy_key: Option<PathBuf>,
}

/// Decrypt a file to standard output, as Git's textconv for `git diff`
#[derive(Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    key: FilterKey,
    /// The file, as Git hands it over; before it, a legacy key file
    #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Encrypt and decrypt for Git until it closes the connection, as its long-running filter process
#[derive(Args)]
pub(super) struct FilterProcessArgs {
    #[command(flatten)]
    key: FilterKey,
}

impl FilterKey {
    /// Reads the key. Never inlined, so that a caller that runs for long can wipe the copies that this leaves on the stack.
    #[inline(never)]
    pub(super) fn load(&self, legacy_key: Option<&Path>) -> Result<KeyFile, Failure> {
        if let Some(path) = legacy_key {
            return Ok(read_legacy_key(&KeySource::File(path.to_owned()))?);
        }
        if let Some(path) = &self.key_file {
            return Ok(read_raw_key(path)?);
        }
        let name = self.key_name.as_deref().map(KeyName::named).transpose()?;
        Ok(Repository::of_calling_git()?
            .keys()
            .load(&name.unwrap_or_default())?)
    }
}

impl CleanArgs {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let keys = self.key.load(self.legacy_key.as_deref())?;
        let repository = RepositoryOnDemand::default();
        let destination = InRepository::of_any_file(&repository, &keys);
        let mut content = standard_input().map_err(FilterError::Read)?;
        let filtered = clean(&keys, &mut content, &destination)?;
        write_output(filtered)
    }
}

impl SmudgeArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let keys = self.key.load(self.legacy_key.as_deref())?;
        let smudged = smudge_any_length(&keys, &mut standard_input().map_err(FilterError::Read)?);
        let content = match smudged.map_err(|error| refused(context, &error, &error))? {
            Smudged::Decrypted(content) => content,
            Smudged::NotEncrypted(content) => {
                context.terminal.warning("file not encrypted");
                context.terminal.hint(not_encrypted(context));
                content
            }
        };
        write_output(content)
    }
}

impl DiffArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let (file, legacy_key) = match self.files.as_slice() {
            [legacy_key, file] => (file, Some(legacy_key.as_path())),
            [file] => (file, None),
            _ => return Err(Failure::usage("`diff` takes one file")),
        };
        let keys = self.key.load(legacy_key)?;
        let mut blob = File::open(file).map_err(|error| {
            Failure::new(format_args!("reading {} failed: {error}", file.display()))
        })?;
        let smudged = smudge_any_length(&keys, &mut blob).map_err(|error| {
            let message = format!("decrypting {} failed: {error}", file.display());
            refused(context, &error, message)
        })?;
        let (Smudged::Decrypted(content) | Smudged::NotEncrypted(content)) = smudged;
        write_output(content)
    }
}

impl FilterProcessArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let terminal = &context.terminal;
        let keys = match self.key.load(None) {
            Ok(keys) => keys,
            Err(failure) => return refuse_every_file_with(terminal, failure),
        };
        wipe_stack();
        let repository = RepositoryOnDemand::default();
        let mut notices = FileNotices {
            context,
            repository: &repository,
            has_hinted_at_plaintext: false,
            has_hinted_at_keys: false,
        };
        serve(
            &keys,
            awaited_input().map_err(FilterError::Read)?,
            standard_output().map_err(FilterError::Write)?,
            |path| InRepository::at(&repository, path),
            |path, notice| notices.report(path, notice),
        )?;
        Ok(Outcome::Done)
    }
}

/// Reports what the filter notices about single files. Long hints are given once.
struct FileNotices<'run> {
    context: &'run Context,
    repository: &'run RepositoryOnDemand,
    has_hinted_at_plaintext: bool,
    has_hinted_at_keys: bool,
}

impl FileNotices<'_> {
    fn report(&mut self, path: &str, notice: Notice) {
        let terminal = &self.context.terminal;
        match notice {
            Notice::Refused(error) => {
                terminal.error(format_args!("{path}: {error}"));
                if matches!(error, FilterError::PutAside { .. }) {
                    terminal.hint(ROOM_FOR_LONG_FILES);
                }
                let of_another_key = matches!(error, FilterError::Blob(BlobError::NotAuthentic));
                if of_another_key && !std::mem::replace(&mut self.has_hinted_at_keys, true) {
                    terminal.hint(another_key(self.context));
                }
                let destination = InRepository::at(self.repository, path.as_bytes());
                if destination.converts_line_ends().unwrap_or(false) {
                    terminal.hint(LINE_ENDS);
                }
            }
            Notice::LineEnds => {
                terminal.error(format_args!(
                    "{path}: Git would change what looks like a line end in the encrypted file, and nobody could decrypt it"
                ));
                terminal.hint(LINE_ENDS);
            }
            Notice::LineEndsUnknown(error) => terminal.warning(format_args!(
                "{path}: can't tell whether Git changes line ends in the encrypted file: {error}"
            )),
            Notice::NotEncrypted => {
                terminal.warning(format_args!("{path}: file not encrypted"));
                if !std::mem::replace(&mut self.has_hinted_at_plaintext, true) {
                    terminal.hint(not_encrypted(self.context));
                }
            }
        }
    }
}

/// Reports why nothing can be filtered, but still answers Git for each file: if the filter just ended, Git would only report
/// that the remote end hung up. If the other side does not speak Git's protocol, the reason is the only error.
fn refuse_every_file_with(terminal: &Terminal, failure: Failure) -> Result<Outcome, Failure> {
    let mut is_told = false;
    let tell = || {
        for line in failure.lines() {
            terminal.error(line);
        }
        for hint in failure.hints() {
            terminal.hint(hint);
        }
        is_told = true;
    };
    let answered = refuse_every_file(
        awaited_input().map_err(FilterError::Read)?,
        standard_output().map_err(FilterError::Write)?,
        tell,
    );
    if !is_told {
        return Err(failure);
    }
    answered?;
    Ok(Outcome::Warned)
}

fn not_encrypted(context: &Context) -> String {
    format!(
        "`{} status` tells which files Git has in plaintext; if it is content, only an old version is",
        context.terminal.program()
    )
}

/// A failure about a refused blob, with hints if the reason may be a rotation.
pub(super) fn refused(
    context: &Context,
    error: &FilterError,
    message: impl fmt::Display,
) -> Failure {
    let failure = Failure::new(message);
    match error {
        FilterError::Blob(BlobError::NotAuthentic) => failure.hint(another_key(context)),
        FilterError::PutAside { .. } => failure.hint(ROOM_FOR_LONG_FILES),
        _ => failure,
    }
}

fn another_key(context: &Context) -> String {
    let program = context.terminal.program();
    let repository = Repository::of_calling_git().ok();
    match repository.and_then(|repository| rewrapped(&repository).ok().flatten()) {
        Some(rotated) => format!(
            "another key is wrapped in {}: if it was rotated, `{program} unlock` takes over the new one",
            rotated.incoming.name
        ),
        None => format!(
            "if the key was rotated: `{program} unlock KEYFILE` with the new one, `{program} unlock --retired KEYFILE` with one from before"
        ),
    }
}

fn write_output(filtered: Filtered) -> Result<Outcome, Failure> {
    // A closed output is a failure here: Git must not take half a file for the whole.
    let mut output = standard_output().map_err(FilterError::Write)?;
    filtered.write_to(&mut output).map_err(FilterError::Write)?;
    Ok(Outcome::Done)
}
