//! Smudge: turns what Git stores into plaintext, for the work tree or for `git diff`.

use std::io::Read;

use super::long_smudge::{pass_long, smudge_long};
use super::spool::MAXIMUM_HELD;
use super::{FilterError, Filtered, Smudged};
use crate::format::{BlobDecryption, Header, KeyFile};
use crate::secret::SecretBytes;

/// The beginning of a blob, or the whole blob.
struct Begun<'keys> {
    /// The content without the header. It is decrypted if the blob is encrypted, but not yet proven authentic.
    content: SecretBytes,
    decryption: Option<(Header, BlobDecryption<'keys>)>,
    is_whole: bool,
}

/// Decrypts the blob in `source`, in memory. A blob that is not encrypted is returned unchanged.
pub(crate) fn smudge(
    keys: &KeyFile,
    source: &mut (impl Read + Send),
) -> Result<Smudged, FilterError> {
    Begun::read(keys, source, usize::MAX)?.prove()
}

/// As [`smudge`], but a long blob is not held in memory. Used for the files that Git checks out.
pub(crate) fn smudge_any_length(
    keys: &KeyFile,
    source: &mut (impl Read + Send),
) -> Result<Smudged<Filtered>, FilterError> {
    let begun = Begun::read(keys, source, MAXIMUM_HELD)?;
    if begun.is_whole {
        return Ok(match begun.prove()? {
            Smudged::Decrypted(content) => Smudged::Decrypted(Filtered::as_it_is(content)),
            Smudged::NotEncrypted(content) => Smudged::NotEncrypted(Filtered::as_it_is(content)),
        });
    }
    match begun.decryption {
        Some((header, decryption)) => smudge_long(keys, header, decryption, begun.content, source),
        None => pass_long(begun.content, source),
    }
}

impl<'keys> Begun<'keys> {
    fn read(
        keys: &'keys KeyFile,
        source: &mut (impl Read + Send),
        maximum: usize,
    ) -> Result<Self, FilterError> {
        // The first chunk shows whether the blob is encrypted or malformed. Even if it is malformed, read `source` to
        // its end, since Git waits until everything is read.
        let mut begun = None;
        let (mut content, is_whole) =
            SecretBytes::read_up_to(source, maximum, |chunk| match &mut begun {
                None => {
                    let header = Header::parse(chunk);
                    let mut decryption = header.map(|header| {
                        header.map(|header| (header, BlobDecryption::new(keys, header)))
                    });
                    if let Ok(Some((_, decryption))) = &mut decryption {
                        decryption.apply(&mut chunk[Header::LEN..]);
                    }
                    begun = Some(decryption);
                }
                Some(Ok(Some((_, decryption)))) => decryption.apply(chunk),
                Some(Ok(None) | Err(_)) => {}
            })
            .map_err(FilterError::Read)?;
        let decryption = begun.transpose()?.flatten();
        if decryption.is_some() {
            content.discard_beginning(Header::LEN);
        }
        Ok(Self {
            content,
            decryption,
            is_whole,
        })
    }

    fn prove(mut self) -> Result<Smudged, FilterError> {
        match self.decryption {
            None => Ok(Smudged::NotEncrypted(self.content)),
            Some((_, decryption)) => {
                decryption.prove(&mut self.content)?;
                Ok(Smudged::Decrypted(self.content))
            }
        }
    }
}
