//! The file with the runs: one line of JSON for each entry, fsynced before a request is answered.
//! A killed process can leave an incomplete last line. Its request was never answered, and the line is dropped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::entry::JournalEntry;

/// Version of the file format.
const VERSION: u32 = 1;

/// Mode of the file. It names commits of private repositories, and only its owner may read it.
const MODE: u32 = 0o600;

/// How long to wait for the lock. A child process that the last holder is just starting inherits it for a moment.
const PATIENCE: Duration = Duration::from_millis(400);

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    hs_secrets_runs: u32,
}

/// Why runs can't be written or read.
#[derive(Debug, Error)]
pub(crate) enum JournalError {
    /// The file could not be read.
    #[error("reading {} failed: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The file could not be written.
    #[error("writing {} failed: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A newer version of this program has written the file.
    #[error("{} was written by a newer version of hs-secrets", path.display())]
    Newer { path: PathBuf },
    /// A line, other than an incomplete last one, is invalid.
    #[error("line {line} of {} is damaged: {source}", path.display())]
    Damaged {
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        source: serde_json::Error,
    },
    /// Another process has it open.
    #[error("another process uses {}", path.display())]
    InUse { path: PathBuf },
}

impl JournalError {
    /// A copy of the error, for each request whose entries could not be written.
    pub(super) fn of_write(&self, path: &Path) -> Self {
        let source = match self {
            Self::Read { source, .. } | Self::Write { source, .. } => {
                io::Error::new(source.kind(), source.to_string())
            }
            other => io::Error::other(other.to_string()),
        };
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

/// The open file, locked by this process.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Length of the file in bytes up to the last complete line.
    length: u64,
    /// How many entries the file has.
    count: usize,
    /// How often the file was written to.
    #[cfg(test)]
    writes: usize,
}

impl Journal {
    /// Opens the file, or creates it, and reads its entries.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<JournalEntry>), JournalError> {
        let reading = |source| JournalError::Read {
            path: path.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.mode(MODE).open(path).map_err(reading)?;
        let asked = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(fs::TryLockError::WouldBlock) if asked.elapsed() < PATIENCE => {
                    thread::sleep(PATIENCE / 20);
                }
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(JournalError::InUse {
                        path: path.to_owned(),
                    });
                }
                Err(fs::TryLockError::Error(source)) => return Err(reading(source)),
            }
        }
        let [opened, there] = [file.metadata(), fs::metadata(path)];
        if opened.map_err(reading)?.ino() != there.map_err(reading)?.ino() {
            // Another process has just replaced the file by a shorter one.
            return Err(JournalError::InUse {
                path: path.to_owned(),
            });
        }
        // Earlier versions created the file readable for others. If another user owns it, its mode stays.
        let _ = file.set_permissions(fs::Permissions::from_mode(MODE));
        let content = fs::read(path).map_err(reading)?;
        // The request for an incomplete line was never answered.
        let whole = content.iter().rposition(|byte| *byte == b'\n');
        let whole = &content[..whole.map_or(0, |end| end + 1)];
        let entries = entries_in(path, whole)?;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            length: whole.len() as u64,
            count: entries.len(),
            #[cfg(test)]
            writes: 0,
        };
        if whole.is_empty() {
            let head = Head {
                hs_secrets_runs: VERSION,
            };
            journal.write(&[&head])?;
            journal.sync_folder()?;
        }
        Ok((journal, entries))
    }

    /// Appends entries, all of them or none. When this returns, they are on the disk.
    pub(crate) fn append(&mut self, entries: &[JournalEntry]) -> Result<(), JournalError> {
        let entries: Vec<&JournalEntry> = entries.iter().collect();
        self.write(&entries)?;
        self.count += entries.len();
        Ok(())
    }

    /// How many entries the file has.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How often the file was written to.
    #[cfg(test)]
    pub(super) fn writes(&self) -> usize {
        self.writes
    }

    /// The entries in the file.
    pub(crate) fn entries(&self) -> Result<Vec<JournalEntry>, JournalError> {
        let content = fs::read(&self.path).map_err(|source| JournalError::Read {
            path: self.path.clone(),
            source,
        })?;
        // A write that failed on a full disk may have left an incomplete line.
        let whole = usize::try_from(self.length).unwrap_or(usize::MAX);
        entries_in(&self.path, &content[..whole.min(content.len())])
    }

    /// Replaces the file by one with only these entries.
    pub(crate) fn rewrite(&mut self, entries: &[JournalEntry]) -> Result<(), JournalError> {
        let new = self.path.with_extension("new");
        let rewritten = self.rewrite_as(&new, entries);
        if rewritten.is_err() {
            // Don't leave the incomplete file on a full disk.
            let _ = fs::remove_file(&new);
        }
        rewritten
    }

    fn rewrite_as(&mut self, new: &Path, entries: &[JournalEntry]) -> Result<(), JournalError> {
        let path = self.path.clone();
        let writing = |source| JournalError::Write {
            path: new.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.mode(MODE).open(new).map_err(writing)?;
        // From now on other processes find the new file in use.
        file.lock().map_err(writing)?;
        let mut journal = Self {
            path: new.to_owned(),
            file,
            length: 0,
            count: 0,
            #[cfg(test)]
            writes: 0,
        };
        journal.write(&[&Head {
            hs_secrets_runs: VERSION,
        }])?;
        journal.append(entries)?;
        fs::rename(new, &path).map_err(writing)?;
        // The name belongs to the new file now, even if the next step fails.
        journal.path = path;
        *self = journal;
        self.sync_folder()
    }

    fn write(&mut self, lines: &[&impl Serialize]) -> Result<(), JournalError> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)
                .expect("because texts and numbers can be written as JSON");
            text.push(b'\n');
        }
        let written = self.write_at_end(&text);
        written.map_err(|source| JournalError::Write {
            path: self.path.clone(),
            source,
        })?;
        self.length += text.len() as u64;
        #[cfg(test)]
        {
            self.writes += 1;
        }
        Ok(())
    }

    fn write_at_end(&mut self, text: &[u8]) -> io::Result<()> {
        use std::io::{Seek, SeekFrom};
        // An earlier write that failed on a full disk may have left an incomplete line.
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(text)?;
        self.file.sync_data()
    }

    /// Syncs the folder, so that the name of a new file is on the disk.
    fn sync_folder(&self) -> Result<(), JournalError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|source| JournalError::Write {
            path: self.path.clone(),
            source,
        })
    }
}

fn entries_in(path: &Path, content: &[u8]) -> Result<Vec<JournalEntry>, JournalError> {
    let mut lines = content.split(|byte| *byte == b'\n').zip(1..);
    let damaged = |line| {
        move |source| JournalError::Damaged {
            path: path.to_owned(),
            line,
            source,
        }
    };
    let mut entries = Vec::new();
    if let Some((first, line)) = lines.next().filter(|(first, _)| !first.is_empty()) {
        let head: Head = serde_json::from_slice(first).map_err(damaged(line))?;
        if head.hs_secrets_runs > VERSION {
            return Err(JournalError::Newer {
                path: path.to_owned(),
            });
        }
    }
    for (text, line) in lines.filter(|(text, _)| !text.is_empty()) {
        let entry: JournalEntry = serde_json::from_slice(text).map_err(damaged(line))?;
        if let Some(flaw) = entry.flaw() {
            return Err(damaged(line)(serde_json::Error::custom(flaw)));
        }
        entries.push(entry);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::serve::runs::entry::{RunEvent, RunId, RunResult};

    fn ended(run: u64) -> JournalEntry {
        JournalEntry {
            run: RunId(run),
            at: Timestamp::UNIX_EPOCH,
            event: RunEvent::Ended {
                result: RunResult::Deployed,
                commit: None,
                is_given_up: false,
                log_lines: vec!["converged service \"web_nginx\"\n".to_owned()],
            },
        }
    }

    #[test]
    fn what_was_written_is_there_again_and_a_line_that_is_cut_off_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let all = [ended(1), ended(2), ended(3)];
        {
            let (mut journal, entries) = Journal::open(&path).expect("a new file");
            assert_eq!(entries, []);
            assert!(matches!(
                Journal::open(&path),
                Err(JournalError::InUse { .. })
            ));
            journal.append(&all[..2]).expect("written");
            journal.append(&all[2..]).expect("written");
        }
        let whole = fs::read(&path).expect("the file");
        let ends: Vec<usize> = (0..whole.len())
            .filter(|place| whole[*place] == b'\n')
            .collect();
        for length in 0..=whole.len() {
            fs::write(&path, &whole[..length]).expect("cut off");
            let (mut journal, entries) = Journal::open(&path).expect("readable");
            let lines = ends.iter().filter(|end| **end < length).count();
            assert_eq!(entries, all[..lines.saturating_sub(1)], "{length}");
            // And it goes on behind the last whole line.
            journal.append(&all[2..]).expect("written");
            drop(journal);
            let (_, entries) = Journal::open(&path).expect("readable");
            assert_eq!(entries.last(), Some(&all[2]), "{length}");
        }
    }

    #[test]
    fn a_file_of_a_newer_version_or_a_damaged_one_is_not_written_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        for (content, is_newer) in [
            ("{\"hs-secrets-runs\":2}\n", true),
            ("{\"hs-secrets-runs\":1}\njunk\n", false),
            ("junk\n", false),
            ("\0\0\n", false),
            ("{\"hs-secrets-runs\":-1}\n", false),
            ("{\"hs-secrets-runs\":4294967296}\n", false),
        ] {
            fs::write(&path, content).expect("a file");
            let error = Journal::open(&path).expect_err("refused");
            assert_eq!(
                matches!(error, JournalError::Newer { .. }),
                is_newer,
                "{error}"
            );
            assert_eq!(fs::read_to_string(&path).expect("the file"), content);
        }
    }

    #[test]
    fn a_number_or_an_order_that_can_t_be_is_a_damaged_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let time = "\"at\":\"2026-11-28T00:00:00Z\"";
        let accepted = |run: u64| {
            format!(
                "{{\"run\":{run},{time},\"happened\":\"accepted\",\"target\":\"web\",\"because\":\"push\"}}"
            )
        };
        let overtaken = |run: u64, by: u64| {
            format!("{{\"run\":{run},{time},\"happened\":\"overtaken\",\"by\":{by}}}")
        };
        for (line, is_good) in [
            (accepted(1), true),
            (accepted(1 << 53), true),
            (accepted((1 << 53) + 1), false),
            (accepted(u64::MAX), false),
            (overtaken(1, 2), true),
            (overtaken(1, 1), false),
            (overtaken(2, 1), false),
            (overtaken(1, u64::MAX), false),
            (accepted(1).replace("2026", "-999999"), false),
        ] {
            let content = format!("{{\"hs-secrets-runs\":1}}\n{}\n{line}\n", accepted(1));
            fs::write(&path, &content).expect("a file");
            match Journal::open(&path) {
                Ok(_) => assert!(is_good, "{line}"),
                Err(error) => {
                    assert!(!is_good, "{error}");
                    let damaged = format!("line 3 of {} is damaged: ", path.display());
                    assert!(error.to_string().starts_with(&damaged), "{error}");
                }
            }
            assert_eq!(fs::read_to_string(&path).expect("the file"), content);
        }
    }
}
