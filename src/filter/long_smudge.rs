//! Smudge for a blob that is too long to be held in memory.

use std::io::{self, Read};

use super::spool::{SpoolWriter, read_rest};
use super::{FilterError, Filtered, Smudged};
use crate::format::{BlobDecryption, BlobError, Header, KeyFile, MAXIMUM_PLAINTEXT};
use crate::secret::SecretBytes;

/// Decrypts a blob. `decryption` has already decrypted `beginning`; the rest follows in `source`.
///
/// The ciphertext is kept in a temporary file until the whole blob is proven authentic. Only then is plaintext handed
/// out.
pub(super) fn smudge_long(
    keys: &KeyFile,
    header: Header,
    mut decryption: BlobDecryption<'_>,
    mut beginning: SecretBytes,
    source: &mut (impl Read + Send),
) -> Result<Smudged<Filtered>, FilterError> {
    let mut spool = SpoolWriter::of_ciphertext();
    decryption.undo(&mut beginning);
    beginning
        .expose_chunks_mut()
        .for_each(|chunk| spool.add(chunk));
    drop(beginning);
    read_rest(source, |piece| {
        spool.add(piece);
        if spool.len() as u64 <= MAXIMUM_PLAINTEXT {
            decryption.apply(piece);
        }
    })
    .map_err(FilterError::Read)?;
    let length = spool.len() as u64;
    if length > MAXIMUM_PLAINTEXT {
        return Err(BlobError::TooLong { length }.into());
    }
    let mut spool = spool.finish()?;
    let mut proven = decryption.proven_stream();
    for mut decryption in BlobDecryption::with_others(keys, header) {
        if proven.is_some() {
            break;
        }
        let tried: io::Result<()> = spool.pour(|piece| {
            decryption.apply(piece);
            Ok(())
        });
        tried.map_err(FilterError::Read)?;
        proven = decryption.proven_stream();
    }
    let stream = proven.ok_or(BlobError::NotAuthentic)?;
    Ok(Smudged::Decrypted(Filtered::decrypted(stream, spool)))
}

/// Passes on a blob that is not encrypted.
pub(super) fn pass_long(
    mut beginning: SecretBytes,
    source: &mut (impl Read + Send),
) -> Result<Smudged<Filtered>, FilterError> {
    let mut spool = SpoolWriter::of_plaintext();
    beginning
        .expose_chunks_mut()
        .for_each(|chunk| spool.add(chunk));
    drop(beginning);
    read_rest(source, |piece| spool.add(piece)).map_err(FilterError::Read)?;
    let length = spool.len() as u64;
    if length > MAXIMUM_PLAINTEXT {
        return Err(BlobError::TooLong { length }.into());
    }
    Ok(Smudged::NotEncrypted(Filtered::put_aside(
        None,
        spool.finish()?,
    )))
}
