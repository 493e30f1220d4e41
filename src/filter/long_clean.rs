//! Clean for a file that is too long to be held in memory.

use std::io::{self, Read};

use super::spool::{Spool, SpoolWriter, read_rest};
use super::{Destination, FilterError, Filtered};
use crate::format::{BlobEncryption, BlobProof, Header, KeyFile, KeyStream};
use crate::secret::SecretBytes;

/// Encrypts `beginning` and the rest of `source`, with the same exceptions as [`super::clean()`]. `newest` has already
/// absorbed `beginning`.
///
/// Ciphertext stays as it is if one of `keys` opens it, or if Git has exactly this blob at the `destination`. If Git
/// has the content encrypted with a retired key, it is encrypted with that key again.
pub(super) fn clean_long<'keys>(
    keys: &'keys KeyFile,
    mut newest: BlobEncryption<'keys>,
    mut beginning: SecretBytes,
    source: &mut (impl Read + Send),
    destination: &impl Destination,
) -> Result<Filtered, FilterError> {
    let header = Header::parse(beginning.expose_beginning())?;
    let mut proof = header.map(|header| BlobProof::new(keys, header));
    let mut former = BlobEncryption::of_former(keys);
    let mut spool = SpoolWriter::of_plaintext();
    let mut behind_header = Header::LEN;
    for chunk in beginning.expose_chunks_mut() {
        former.iter_mut().for_each(|former| former.update(chunk));
        if let Some(proof) = &mut proof {
            proof.update(&chunk[behind_header..]);
        }
        behind_header = 0;
        spool.add(chunk);
    }
    drop(beginning);
    read_rest(source, |piece| {
        newest.update(piece);
        former.iter_mut().for_each(|former| former.update(piece));
        if let Some(proof) = &mut proof {
            proof.update(piece);
        }
        spool.add(piece);
    })
    .map_err(FilterError::Read)?;
    let length = spool.len();
    let encrypted = newest.finish(length)?;
    let mut spool = spool.finish()?;
    if let Some(proof) = proof
        && (proof.holds() || is_stored(&mut spool, destination)?)
    {
        return Ok(Filtered::put_aside(None, spool));
    }
    let mut finished = Vec::new();
    for former in former {
        finished.push(former.finish(length)?);
    }
    let (header, stream) = stored_under_former(finished, length, destination).unwrap_or(encrypted);
    Ok(Filtered::put_aside(Some((header, stream)), spool))
}

/// True if Git has exactly this ciphertext at the destination.
fn is_stored(spool: &mut Spool, destination: &impl Destination) -> Result<bool, FilterError> {
    /// Why a comparison ended early.
    enum Unlike {
        Differs,
        Unread(io::Error),
    }
    impl From<io::Error> for Unlike {
        fn from(error: io::Error) -> Self {
            Self::Unread(error)
        }
    }
    for mut blob in destination.blobs(spool.len().saturating_sub(Header::LEN)) {
        let compared = spool.pour(|piece| {
            let mut stored = vec![0; piece.len()];
            match blob.read_exact(&mut stored) {
                Ok(()) if stored == *piece => Ok(()),
                _ => Err(Unlike::Differs),
            }
        });
        match compared {
            Ok(()) if matches!(blob.read(&mut [0]), Ok(0)) => return Ok(true),
            Err(Unlike::Unread(error)) => return Err(FilterError::Read(error)),
            _ => {}
        }
    }
    Ok(false)
}

/// That one of `finished` whose blob Git has at the destination. Comparing headers is enough, since the nonce depends
/// on the content.
fn stored_under_former(
    mut finished: Vec<(Header, KeyStream)>,
    length: usize,
    destination: &impl Destination,
) -> Option<(Header, KeyStream)> {
    if finished.is_empty() {
        return None;
    }
    destination.blobs(length).into_iter().find_map(|mut blob| {
        let mut beginning = [0; Header::LEN];
        blob.read_exact(&mut beginning).ok()?;
        let stored = Header::parse(&beginning).ok()??;
        let place = finished.iter().position(|(header, _)| *header == stored)?;
        Some(finished.swap_remove(place))
    })
}
