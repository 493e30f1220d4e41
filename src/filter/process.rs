//! The long-running filter process: one program for all files of a Git command.
//!
//! Source: gitattributes(5), "Long Running Filter Process", version 2.

use std::io::{self, Read, Write};

use thiserror::Error;

use super::line_ends::LineEndWatch;
use super::pkt_line::{PacketReader, PacketWriter, PktLineError};
use super::{Destination, FilterError, Filtered, Smudged, clean, smudge_any_length};
use crate::format::KeyFile;
use crate::secret::wipe_stack;

/// Why the conversation with Git ended early.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// A packet could not be read or written.
    #[error(transparent)]
    PktLine(#[from] PktLineError),
    /// The caller is not a Git that speaks version 2 of the protocol.
    #[error("this is for git to call: expected its greeting in version 2 of the filter protocol")]
    NotGit,
}

/// Something about one file that its user should know.
#[derive(Debug)]
pub enum Notice {
    /// Its blob is not encrypted, and was let through.
    NotEncrypted,
    /// It was refused.
    Refused(FilterError),
    /// It was refused, because Git would change what looks like a line end in its ciphertext.
    LineEnds,
}

/// Answers Git until it ends the conversation; `at` tells what Git has at a path, `notice` hears of files that were
/// refused or let through. Once a file is answered, nothing of it is left in memory.
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

/// Answers Git that no file can be filtered, until it ends the conversation. Git says then which file it was and, unless the
/// filter is required, goes on without it. `greeted` is called once it is certain that Git is there.
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

/// Git's request to filter one file, whose content follows.
struct Request<'lines> {
    command: FilterCommand,
    path: &'lines [u8],
}

/// The filter that Git asks for.
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
            // Git only asks for what was promised to it.
            _ => return Err(ProcessError::NotGit),
        };
        let path = value_of("pathname").unwrap_or_default();
        Ok(Self { command, path })
    }
}

/// Filters one file and writes the answer.
///
/// Never inlined, so that all that it and its callees leave on the stack lies below its caller, which wipes it.
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
            let spoilt = write_filtered(writer, filtered, || match request.command {
                FilterCommand::Clean => destination.converts_line_ends(),
                FilterCommand::Smudge => false,
            });
            let spoilt = spoilt.map_err(PktLineError::from)?;
            Ok(if spoilt { Some(Notice::LineEnds) } else { told })
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

/// The answer to a smudged blob, with anything that its user should know of it.
fn of_smudge(smudged: Smudged<Filtered>) -> (Filtered, Option<Notice>) {
    match smudged {
        Smudged::Decrypted(content) => (content, None),
        // An empty file of an unencrypted repository is nothing to warn of.
        Smudged::NotEncrypted(content) => {
            let told = (content.len() > 0).then_some(Notice::NotEncrypted);
            (content, told)
        }
    }
}

/// Writes status, content, and a last list, which is empty if the status still holds.
///
/// It does not hold if there is a line end in the content and Git `converts_line_ends`: Git would spoil what was
/// encrypted. Returns whether that is so.
fn write_filtered(
    writer: &mut PacketWriter<impl Write>,
    filtered: Filtered,
    converts_line_ends: impl FnOnce() -> bool,
) -> io::Result<bool> {
    writer.line("status=success")?;
    writer.flush()?;
    let length = filtered.len();
    let mut watched = LineEndWatch::new(writer.content(length));
    filtered.write_to(&mut watched)?;
    let seen = watched.seen();
    writer.flush()?;
    let spoilt = seen && converts_line_ends();
    if spoilt {
        writer.line("status=error")?;
    }
    writer.flush()?;
    Ok(spoilt)
}
