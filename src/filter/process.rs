//! The long-running filter process: one program for all files of a Git command.
//!
//! Source: gitattributes(5), "Long Running Filter Process", version 2.

use std::io::{self, Read, Write};

use thiserror::Error;

use super::line_ends::LineEndWatch;
use super::pkt_line::{PacketReader, PacketWriter, PktLineError};
use super::{Destination, FilterError, Filtered, Smudged, clean, smudge};
use crate::format::{BlobError, KeyFile};

/// Why the conversation with Git ended early.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// A packet could not be read or written.
    #[error(transparent)]
    PktLine(#[from] PktLineError),
    /// What calls is not a Git that speaks version 2 of the protocol.
    #[error("this is for git to call: expected its greeting in version 2 of the filter protocol")]
    NotGit,
}

/// Something about one file that its user should know.
#[derive(Debug)]
pub enum Notice {
    /// Its blob is not encrypted and was let through.
    NotEncrypted,
    /// It was refused.
    Refused(BlobError),
    /// It was refused, since Git would change what looks like a line end in its ciphertext.
    LineEnds,
}

/// Answers Git until it ends the conversation; `at` tells what Git has at a path, `notice` hears of files that were
/// refused or let through.
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
    while let Some(request) = reader.lines()? {
        let value_of = |name: &str| {
            let prefix = format!("{name}=");
            request
                .iter()
                .find_map(|line| line.strip_prefix(prefix.as_bytes()))
        };
        let mut content = reader.content();
        let filtered = match value_of("command") {
            Some(b"clean") => {
                let place = at(value_of("pathname").unwrap_or_default());
                clean(keys, &mut content, &place).map(|filtered| (filtered, false, Some(place)))
            }
            Some(b"smudge") => smudge(keys, &mut content).map(of_smudge),
            // Git only asks for what was promised to it.
            _ => return Err(ProcessError::NotGit),
        };
        let path =
            || String::from_utf8_lossy(value_of("pathname").unwrap_or_default()).into_owned();
        match filtered {
            Ok((filtered, let_through, place)) => {
                if let_through {
                    notice(&path(), Notice::NotEncrypted);
                }
                let kept = answer(&mut writer, filtered, place.as_ref());
                if !kept.map_err(PktLineError::from)? {
                    notice(&path(), Notice::LineEnds);
                }
            }
            Err(FilterError::Blob(error)) => {
                notice(&path(), Notice::Refused(error));
                writer.line("status=error").map_err(PktLineError::from)?;
                writer.flush().map_err(PktLineError::from)?;
            }
            Err(FilterError::Read(error) | FilterError::Write(error)) => {
                return Err(PktLineError::from(error).into());
            }
        }
        writer.send().map_err(PktLineError::from)?;
    }
    Ok(())
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

/// What a smudged blob becomes, and whether it was let through though it is not encrypted.
fn of_smudge<Place>(smudged: Smudged) -> (Filtered, bool, Option<Place>) {
    match smudged {
        Smudged::Decrypted(content) => (Filtered::as_it_is(content), false, None),
        // An empty file of an unencrypted repository is nothing to warn of.
        Smudged::NotEncrypted(content) => {
            let let_through = !content.is_empty();
            (Filtered::as_it_is(content), let_through, None)
        }
    }
}

/// Status, content, and an empty list that says the status still holds; false where it does not, since Git would spoil
/// what was encrypted for this `place`.
fn answer(
    writer: &mut PacketWriter<impl Write>,
    filtered: Filtered,
    place: Option<&impl Destination>,
) -> io::Result<bool> {
    writer.line("status=success")?;
    writer.flush()?;
    let length = filtered.len();
    let mut watched = LineEndWatch::new(writer.content(length));
    filtered.write_to(&mut watched)?;
    let seen = watched.seen();
    writer.flush()?;
    let spoilt = seen && place.is_some_and(Destination::converts_line_ends);
    if spoilt {
        writer.line("status=error")?;
    }
    writer.flush()?;
    Ok(!spoilt)
}
