//! Clean for a file that is too long to be held in memory.

use std::io::{self, Read};

use super::spool::{Spool, SpoolWriter, read_rest};
use super::{Destination, FilterError, Filtered};
use crate::format::{BlobEncryption, BlobProof, Header, KeyFile, KeyStream};
use crate::secret::SecretBytes;

/// Encrypts `beginning`, which `newest` has absorbed, and the rest of `source`, as [`super::clean()`] does: ciphertext stays if it is
/// authentic, or what Git has at the `destination`, and so does a blob under a key that was rotated out.
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
        former.iter_mut().for_each(|former| former.absorb(chunk));
        if let Some(proof) = &mut proof {
            proof.absorb(&chunk[behind_header..]);
        }
        behind_header = 0;
        spool.add(chunk);
    }
    drop(beginning);
    read_rest(source, |piece| {
        newest.absorb(piece);
        former.iter_mut().for_each(|former| former.absorb(piece));
        if let Some(proof) = &mut proof {
            proof.absorb(piece);
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
    /// The end of a comparison.
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

/// The encryption of `finished` that Git has at the destination. A nonce belongs to one content only.
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
