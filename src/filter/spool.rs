//! Content that is too long to be held in memory, put aside in a file that has no name.
//!
//! The file is gone with the process, however that ends, and nobody else can open it. Ciphertext lies in it as it is; plaintext
//! is encrypted under a key that exists in this process only.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use zeroize::Zeroizing;

use super::FilterError;
use crate::format::{FileKey, KeyStream, MAXIMUM_PLAINTEXT};
use crate::secret::SecretBytes;

/// Maximum number of bytes of a file that are held in memory: 64 MiB. An unoptimised build encrypts some hundred times slower: it
/// holds less, so that tests of long files end.
pub(super) const MAXIMUM_HELD: usize = if cfg!(debug_assertions) {
    4 << 20
} else {
    64 << 20
};
/// How many bytes may be read ahead of what is being put aside.
const READ_AHEAD: usize = 4 << 20;
/// How many bytes are read back at once.
const PIECE_LEN: usize = 256 << 10;

/// Content that was put aside.
pub(crate) struct Spool {
    file: File,
    length: usize,
    /// The key that plaintext is encrypted under.
    veil: Option<FileKey>,
}

/// Content that is being put aside.
pub(super) struct SpoolWriter {
    /// After the first error, nothing more is written.
    file: io::Result<File>,
    length: usize,
    veil: Option<(FileKey, KeyStream)>,
}

impl SpoolWriter {
    /// For content that is no secret.
    pub(super) fn of_ciphertext() -> Self {
        Self::begin(None)
    }

    /// For content that nobody else must read.
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

    fn begin(veil: Option<(FileKey, KeyStream)>) -> Self {
        Self {
            file: tempfile::tempfile(),
            length: 0,
            veil,
        }
    }

    /// Puts the next piece aside. It is changed to what is written.
    pub(super) fn add(&mut self, piece: &mut [u8]) {
        self.length += piece.len();
        // Nothing is that long that can be encrypted, and a key stream has no more.
        if self.length as u64 > MAXIMUM_PLAINTEXT {
            return;
        }
        if let Ok(file) = &mut self.file {
            if let Some((_, stream)) = &mut self.veil {
                stream.apply(piece);
            }
            if let Err(error) = file.write_all(piece) {
                self.file = Err(error);
            }
        }
    }

    /// Number of bytes so far.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// All of it, to be read from its beginning.
    pub(super) fn finish(self) -> Result<Spool, FilterError> {
        let file = self.file.map_err(|source| FilterError::PutAside {
            folder: std::env::temp_dir(),
            source,
        })?;
        Ok(Spool {
            file,
            length: self.length,
            veil: self.veil.map(|(key, _)| key),
        })
    }
}

impl Spool {
    /// Number of bytes.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Hands out all of it from its beginning, piece by piece. Each may be changed, and is wiped.
    pub(super) fn pour<Error: From<io::Error>>(
        &mut self,
        mut take: impl FnMut(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut stream = self.veil.as_ref().map(KeyStream::of_single_use);
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

/// Hands out what is left of `source`, piece by piece, as it comes. Meanwhile, another thread reads a little ahead.
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
