//! The long-running filter process: one program for all files of a Git command.
//!
//! Source: gitattributes(5), "Long Running Filter Process", version 2.

use std::io::{self, Read, Write};

use thiserror::Error;

use super::pkt_line::{PacketReader, PacketWriter, PktLineError};
use super::{Before, FilterError, Filtered, Smudged, clean, smudge};
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
}

/// Answers Git until it ends the conversation; `at` tells what Git has at a path, `notice` hears of files that were
/// refused or let through.
pub fn serve<Place: Before>(
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
                clean(keys, &mut content, &place).map(|filtered| (filtered, false))
            }
            Some(b"smudge") => smudge(keys, &mut content).map(of_smudge),
            // Git only asks for what was promised to it.
            _ => return Err(ProcessError::NotGit),
        };
        let path =
            || String::from_utf8_lossy(value_of("pathname").unwrap_or_default()).into_owned();
        match filtered {
            Ok((filtered, let_through)) => {
                if let_through {
                    notice(&path(), Notice::NotEncrypted);
                }
                answer(&mut writer, filtered).map_err(PktLineError::from)?;
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
fn of_smudge(smudged: Smudged) -> (Filtered, bool) {
    match smudged {
        Smudged::Decrypted(content) => (Filtered::as_it_is(content), false),
        // An empty file of an unencrypted repository is nothing to warn of.
        Smudged::NotEncrypted(content) => {
            let let_through = !content.is_empty();
            (Filtered::as_it_is(content), let_through)
        }
    }
}

/// Status, content, and an empty list that says the status still holds.
fn answer(writer: &mut PacketWriter<impl Write>, filtered: Filtered) -> io::Result<()> {
    writer.line("status=success")?;
    writer.flush()?;
    let length = filtered.len();
    filtered.write_to(&mut writer.content(length))?;
    writer.flush()?;
    writer.flush()
}
