//! The result of a filter, on its way to Git.

use std::io::{self, Write};

use crate::format::{Header, KeyStream};
use crate::secret::SecretBytes;

/// The result for one file. It is encrypted as it is written: one chunk of a long file is being encrypted while the last
/// is on its way.
pub(crate) struct Filtered {
    encryption: Option<(Header, KeyStream)>,
    content: SecretBytes,
}

impl Filtered {
    /// Content that goes out unchanged.
    pub(crate) fn as_it_is(content: SecretBytes) -> Self {
        Self {
            encryption: None,
            content,
        }
    }

    /// A blob of `header` and `content`, which `stream` is still to encrypt.
    pub(crate) fn encrypted(header: Header, stream: KeyStream, content: SecretBytes) -> Self {
        Self {
            encryption: Some((header, stream)),
            content,
        }
    }

    /// Number of bytes that come out.
    pub(crate) fn len(&self) -> usize {
        let header = if self.encryption.is_some() {
            Header::LEN
        } else {
            0
        };
        header + self.content.len()
    }

    /// Writes all of it.
    pub(crate) fn write_to(self, output: &mut impl Write) -> io::Result<()> {
        match self.encryption {
            None => self.content.pour(|_| {}, |chunk| output.write_all(chunk))?,
            Some((header, mut stream)) => {
                output.write_all(&header.to_bytes())?;
                let encrypt = |chunk: &mut [u8]| stream.apply(chunk);
                self.content
                    .pour(encrypt, |chunk| output.write_all(chunk))?;
            }
        }
        output.flush()
    }
}
