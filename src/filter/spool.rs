//! Content that is too long to be held in memory, in a temporary file without a name.
//!
//! The file vanishes with the process, however the process ends, and no other process can open it. Ciphertext is
//! written unchanged; plaintext is encrypted with a random key that exists only in this process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use zeroize::Zeroizing;

use super::FilterError;
use crate::format::{FileKey, KeyStream, MAXIMUM_PLAINTEXT};
use crate::secret::SecretBytes;

/// Maximum number of bytes of a file that are held in memory: 64 MiB. An unoptimised build encrypts about a hundred
/// times slower, so it holds less: tests with long files would take too long.
pub(super) const MAXIMUM_HELD: usize = if cfg!(debug_assertions) {
    4 << 20
} else {
    64 << 20
};
/// How many bytes may be read ahead of what has been written.
const READ_AHEAD: usize = 4 << 20;
/// How many bytes are read back at once.
const PIECE_LEN: usize = 256 << 10;

/// Content in a temporary file.
pub(crate) struct Spool {
    file: File,
    length: usize,
    /// The key with which plaintext is encrypted in the file.
    file_key: Option<FileKey>,
}

/// Content that is being written to a temporary file.
pub(super) struct SpoolWriter {
    /// The file, or the first error. After an error, nothing more is written.
    file: io::Result<File>,
    length: usize,
    file_key: Option<(FileKey, KeyStream)>,
}

impl SpoolWriter {
    /// For content that is not secret.
    pub(super) fn of_ciphertext() -> Self {
        Self::begin(None)
    }

    /// For secret content, which is encrypted in the file.
    pub(super) fn of_plaintext() -> Self {
        let mut filled = Ok(());
        let key = FileKey::build(0, |material| filled = getrandom::fill(material));
        let stream = KeyStream::of_single_use(&key);
        let mut writer = Self::begin(Some((key, stream)));
        if let Err(error) = filled {
            writer.file = Err(io::Error::other(error));
        }
        writer
    }

    fn begin(file_key: Option<(FileKey, KeyStream)>) -> Self {
        Self {
            file: tempfile::tempfile(),
            length: 0,
            file_key,
        }
    }

    /// Writes the next piece. `piece` is encrypted in place if the content is secret.
    pub(super) fn add(&mut self, piece: &mut [u8]) {
        self.length += piece.len();
        // Longer content can't be encrypted: the key stream would repeat. Only the length is counted, for the error.
        if self.length as u64 > MAXIMUM_PLAINTEXT {
            return;
        }
        if let Ok(file) = &mut self.file {
            if let Some((_, stream)) = &mut self.file_key {
                stream.apply(piece);
            }
            if let Err(error) = file.write_all(piece) {
                self.file = Err(error);
            }
        }
    }

    /// The number of bytes so far, including those that were not written.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Ends writing, so that the content can be read.
    pub(super) fn finish(self) -> Result<Spool, FilterError> {
        let file = self.file.map_err(|source| FilterError::PutAside {
            folder: std::env::temp_dir(),
            source,
        })?;
        Ok(Spool {
            file,
            length: self.length,
            file_key: self.file_key.map(|(key, _)| key),
        })
    }
}

impl Spool {
    /// The number of bytes.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Hands out the content from its beginning, piece by piece. `take` may change the pieces. They are wiped afterwards.
    pub(super) fn pour<Error: From<io::Error>>(
        &mut self,
        mut take: impl FnMut(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut stream = self.file_key.as_ref().map(KeyStream::of_single_use);
        let mut buffer = Zeroizing::new(vec![0; PIECE_LEN]);
        let mut left = self.length;
        while left > 0 {
            let piece = &mut buffer[..left.min(PIECE_LEN)];
            self.file.read_exact(piece)?;
            if let Some(stream) = &mut stream {
                stream.apply(piece);
            }
            take(piece)?;
            left = left.saturating_sub(PIECE_LEN);
        }
        Ok(())
    }
}

/// Hands out the rest of `source`, piece by piece. Meanwhile, another thread reads ahead.
pub(super) fn read_rest(
    source: &mut (impl Read + Send),
    mut each: impl FnMut(&mut [u8]),
) -> io::Result<()> {
    loop {
        let (_, is_whole) = SecretBytes::read_up_to(source, READ_AHEAD, &mut each)?;
        if is_whole {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn plaintext_comes_back_and_lies_nowhere() {
        let whole: Vec<u8> = (0..3 * PIECE_LEN + 5)
            .map(|index| (index % 251) as u8)
            .collect();
        for (mut writer, is_hidden) in [
            (SpoolWriter::of_plaintext(), true),
            (SpoolWriter::of_ciphertext(), false),
        ] {
            for piece in whole.chunks(100_001) {
                writer.add(&mut piece.to_vec());
            }
            assert_eq!(writer.len(), whole.len());
            let mut spool = writer.finish().expect("room");
            let mut stored = vec![0; whole.len()];
            spool.file.read_exact_at(&mut stored, 0).expect("all of it");
            assert_eq!(stored != whole, is_hidden);
            for _ in 0..2 {
                let mut back = Vec::new();
                let poured: io::Result<()> = spool.pour(|piece| {
                    back.extend_from_slice(piece);
                    Ok(())
                });
                poured.expect("readable");
                assert_eq!(back, whole);
            }
        }
    }
}
