//! The long-running filter process: one process for all files of a Git command.
//!
//! Source: gitattributes(5), "Long Running Filter Process", version 2.

use std::io::{self, Read, Write};

use thiserror::Error;

use super::line_ends::LineEndWatch;
use super::pkt_line::{PacketReader, PacketWriter, PktLineError};
use super::{Destination, FilterError, Filtered, Smudged, clean, smudge_any_length};
use crate::format::KeyFile;
use crate::repository::RepositoryError;
use crate::secret::wipe_stack;

/// Why the exchange with Git ended early.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// A packet could not be read or written.
    #[error(transparent)]
    PktLine(#[from] PktLineError),
    /// The caller is not Git, or does not speak version 2 of the protocol.
    #[error("this is for git to call: expected its greeting in version 2 of the filter protocol")]
    NotGit,
}

/// Something that the user should know about a file.
#[derive(Debug)]
pub enum Notice {
    /// The blob is not encrypted, and was passed on unchanged.
    NotEncrypted,
    /// The file was refused.
    Refused(FilterError),
    /// The file was refused, because Git would convert a line end in its ciphertext.
    LineEnds,
    /// The file was passed on, although it is not known whether Git would convert a line end in its ciphertext.
    LineEndsUnknown(RepositoryError),
}

/// Answers Git's requests until Git closes the pipe. `at` gives the destination of a path. `notice` is called for files
/// that were refused or passed on unchanged. After the answer for a file, no part of it is left in memory.
pub fn serve<Place: Destination>(
    keys: &KeyFile,
    input: impl Read + Send,
    output: impl Write,
    at: impl Fn(&[u8]) -> Place,
    mut notice: impl FnMut(&str, Notice),
) -> Result<(), ProcessError> {
    let mut reader = PacketReader::new(input);
    let mut writer = PacketWriter::new(output);
    greet(&mut reader, &mut writer)?;
    while let Some(lines) = reader.lines()? {
        let request = Request::read(&lines)?;
        let destination = at(request.path);
        let answered = answer(keys, &request, &mut reader, &mut writer, &destination);
        wipe_stack();
        if let Some(told) = answered? {
            notice(&String::from_utf8_lossy(request.path), told);
        }
        writer.send().map_err(PktLineError::from)?;
    }
    Ok(())
}

/// Answers each of Git's requests that the file can't be filtered, until Git closes the pipe. Git then reports the path
/// and, if the filter is not required, continues without it. `greeted` is called once the greeting shows that the
/// caller is Git.
pub(crate) fn refuse_every_file(
    input: impl Read + Send,
    output: impl Write,
    greeted: impl FnOnce(),
) -> Result<(), ProcessError> {
    let mut reader = PacketReader::new(input);
    let mut writer = PacketWriter::new(output);
    greet(&mut reader, &mut writer)?;
    greeted();
    while let Some(lines) = reader.lines()? {
        Request::read(&lines)?;
        io::copy(&mut reader.content(), &mut io::sink()).map_err(PktLineError::from)?;
        let refusal = writer.line("status=error").and_then(|()| writer.flush());
        refusal
            .and_then(|()| writer.send())
            .map_err(PktLineError::from)?;
    }
    Ok(())
}

/// Git's request to filter one file. The content follows it.
struct Request<'lines> {
    command: FilterCommand,
    path: &'lines [u8],
}

/// The filter that is requested.
enum FilterCommand {
    Clean,
    Smudge,
}

impl<'lines> Request<'lines> {
    fn read(lines: &'lines [Vec<u8>]) -> Result<Self, ProcessError> {
        let value_of = |name: &str| {
            let value =
                |line: &'lines Vec<u8>| line.strip_prefix(name.as_bytes())?.strip_prefix(b"=");
            lines.iter().find_map(value)
        };
        let command = match value_of("command") {
            Some(b"clean") => FilterCommand::Clean,
            Some(b"smudge") => FilterCommand::Smudge,
            // Git only requests the announced capabilities.
            _ => return Err(ProcessError::NotGit),
        };
        let path = value_of("pathname").unwrap_or_default();
        Ok(Self { command, path })
    }
}

/// Filters one file and writes the answer.
///
/// This is never inlined: everything that it leaves on the stack then lies below its caller, which wipes it.
#[inline(never)]
fn answer(
    keys: &KeyFile,
    request: &Request<'_>,
    reader: &mut PacketReader<impl Read + Send>,
    writer: &mut PacketWriter<impl Write>,
    destination: &impl Destination,
) -> Result<Option<Notice>, ProcessError> {
    let mut content = reader.content();
    let filtered = match request.command {
        FilterCommand::Clean => {
            clean(keys, &mut content, destination).map(|filtered| (filtered, None))
        }
        FilterCommand::Smudge => smudge_any_length(keys, &mut content).map(of_smudge),
    };
    match filtered {
        Ok((filtered, told)) => {
            let about_line_ends = write_filtered(writer, filtered, || match request.command {
                FilterCommand::Clean => destination.converts_line_ends(),
                FilterCommand::Smudge => Ok(false),
            });
            Ok(about_line_ends.map_err(PktLineError::from)?.or(told))
        }
        Err(error @ (FilterError::Blob(_) | FilterError::PutAside { .. })) => {
            let refusal = writer.line("status=error").and_then(|()| writer.flush());
            refusal.map_err(PktLineError::from)?;
            Ok(Some(Notice::Refused(error)))
        }
        Err(FilterError::Read(error) | FilterError::Write(error)) => {
            Err(PktLineError::from(error).into())
        }
    }
}

fn greet(
    reader: &mut PacketReader<impl Read>,
    writer: &mut PacketWriter<impl Write>,
) -> Result<(), ProcessError> {
    let greeting = reader.lines()?.ok_or(ProcessError::NotGit)?;
    let is_git = greeting
        .first()
        .is_some_and(|line| line == b"git-filter-client");
    if !is_git || !greeting.iter().any(|line| line == b"version=2") {
        return Err(ProcessError::NotGit);
    }
    answer_lines(writer, &["git-filter-server", "version=2"])?;
    reader.lines()?.ok_or(ProcessError::NotGit)?;
    answer_lines(writer, &["capability=clean", "capability=smudge"])
}

fn answer_lines(writer: &mut PacketWriter<impl Write>, lines: &[&str]) -> Result<(), ProcessError> {
    let sent = lines.iter().try_for_each(|line| writer.line(line));
    Ok(sent
        .and_then(|()| writer.flush())
        .and_then(|()| writer.send())
        .map_err(PktLineError::from)?)
}

/// The result for a smudged blob, with a notice for the user if needed.
fn of_smudge(smudged: Smudged<Filtered>) -> (Filtered, Option<Notice>) {
    match smudged {
        Smudged::Decrypted(content) => (content, None),
        // An empty file that is not encrypted needs no warning.
        Smudged::NotEncrypted(content) => {
            let told = (content.len() > 0).then_some(Notice::NotEncrypted);
            (content, told)
        }
    }
}

/// Writes the status, the content, and the final status.
///
/// The final status is an error if the content has a CR LF and Git `converts_line_ends`, since Git would damage the
/// ciphertext. Otherwise it is an empty list.
/// Returns a notice if line ends are converted, or if that can't be found out.
fn write_filtered(
    writer: &mut PacketWriter<impl Write>,
    filtered: Filtered,
    converts_line_ends: impl FnOnce() -> Result<bool, RepositoryError>,
) -> io::Result<Option<Notice>> {
    writer.line("status=success")?;
    writer.flush()?;
    let length = filtered.len();
    let mut watched = LineEndWatch::new(writer.content(length));
    filtered.write_to(&mut watched)?;
    let seen = watched.seen();
    writer.flush()?;
    let told = match seen.then(converts_line_ends) {
        Some(Ok(true)) => {
            writer.line("status=error")?;
            Some(Notice::LineEnds)
        }
        Some(Err(error)) => Some(Notice::LineEndsUnknown(error)),
        Some(Ok(false)) | None => None,
    };
    writer.flush()?;
    Ok(told)
}
