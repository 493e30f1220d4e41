//! The result of a filter, on its way to Git.

use std::io::{self, Write};

use super::spool::Spool;
use crate::format::{Header, KeyStream};
use crate::secret::SecretBytes;

/// The result for one file. It is encrypted or decrypted while it is written: for a long file, one chunk is processed
/// while the one before is being written.
pub(crate) struct Filtered {
    /// The header, which is written first.
    header: Option<Header>,
    /// The key stream that is still to be applied to the content. It encrypts or decrypts.
    stream: Option<KeyStream>,
    content: FilteredContent,
}

/// A blob that went through the filter.
#[derive(Debug)]
pub(crate) enum Smudged<Content = SecretBytes> {
    /// The plaintext of the blob, proven authentic.
    Decrypted(Content),
    /// The blob itself, since it is not encrypted.
    NotEncrypted(Content),
}

enum FilteredContent {
    InMemory(SecretBytes),
    PutAside(Spool),
}

impl Filtered {
    /// Content that is written unchanged.
    pub(crate) fn as_it_is(content: SecretBytes) -> Self {
        Self {
            header: None,
            stream: None,
            content: FilteredContent::InMemory(content),
        }
    }

    /// A blob with `header` and `content`, which `stream` has yet to encrypt.
    pub(crate) fn encrypted(header: Header, stream: KeyStream, content: SecretBytes) -> Self {
        Self {
            header: Some(header),
            stream: Some(stream),
            content: FilteredContent::InMemory(content),
        }
    }

    /// Long content that is written unchanged, or is encrypted first.
    pub(super) fn put_aside(encryption: Option<(Header, KeyStream)>, content: Spool) -> Self {
        let (header, stream) = encryption.unzip();
        Self {
            header,
            stream,
            content: FilteredContent::PutAside(content),
        }
    }

    /// Long ciphertext, which `stream` has yet to decrypt.
    pub(super) fn decrypted(stream: KeyStream, content: Spool) -> Self {
        Self {
            header: None,
            stream: Some(stream),
            content: FilteredContent::PutAside(content),
        }
    }

    /// The length of the output in bytes.
    pub(crate) fn len(&self) -> usize {
        let header = self.header.map_or(0, |_| Header::LEN);
        header
            + match &self.content {
                FilteredContent::InMemory(content) => content.len(),
                FilteredContent::PutAside(content) => content.len(),
            }
    }

    /// Writes the output.
    pub(crate) fn write_to(mut self, output: &mut impl Write) -> io::Result<()> {
        if let Some(header) = self.header {
            output.write_all(&header.to_bytes())?;
        }
        let mut apply = |piece: &mut [u8]| {
            if let Some(stream) = &mut self.stream {
                stream.apply(piece);
            }
        };
        match self.content {
            FilteredContent::InMemory(content) => {
                content.pour(apply, |piece| output.write_all(piece))?
            }
            FilteredContent::PutAside(mut content) => content.pour(|piece| {
                apply(piece);
                output.write_all(piece)
            })?,
        }
        output.flush()
    }
}
