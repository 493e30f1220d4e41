//! Bytes that are wiped when dropped and can't be printed.

use std::fmt;
use std::io::{self, Read};

use zeroize::Zeroize;

/// Size of one piece of a [`SecretBytes`]: small enough to stay in a processor cache between two passes.
const CHUNK_LEN: usize = 256 * 1024;

/// Key material or plaintext: wiped on drop, without `Clone`, `Display` or a telling `Debug`.
///
/// The bytes are kept in chunks that never move, so growing leaves no copies behind in freed memory.
#[derive(Default)]
pub struct SecretBytes {
    chunks: Vec<Vec<u8>>,
    /// So many bytes of the first chunk no longer count.
    discarded: usize,
}

impl SecretBytes {
    /// Copies `bytes`; wiping the source is the caller's affair.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self::from_vec(bytes.to_vec())
    }

    /// Takes over a buffer as it is; it is wiped on drop, spare capacity included.
    pub fn from_vec(bytes: Vec<u8>) -> Self {
        Self {
            chunks: vec![bytes],
            discarded: 0,
        }
    }

    /// Reads `source` to its end.
    pub fn read_from(source: &mut impl Read) -> io::Result<Self> {
        let mut secret = Self::default();
        loop {
            // Zeroed pages cost nothing until they are touched, so a small input does not pay for a large chunk.
            let mut chunk = vec![0; CHUNK_LEN];
            let length = fill(source, &mut chunk).inspect_err(|_| chunk.zeroize())?;
            chunk.truncate(length);
            secret.chunks.push(chunk);
            if length < CHUNK_LEN {
                return Ok(secret);
            }
        }
    }

    /// Appends `bytes`, without ever moving what is already held.
    pub fn append(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let full = self
                .chunks
                .last()
                .is_none_or(|chunk| chunk.len() == chunk.capacity());
            if full {
                self.chunks.push(Vec::with_capacity(CHUNK_LEN));
            }
            let chunk = self.chunks.last_mut().expect("a chunk was just pushed");
            let room = (chunk.capacity() - chunk.len()).min(bytes.len());
            chunk.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
        }
    }

    /// Number of bytes held.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum::<usize>() - self.discarded
    }

    /// True where no bytes are held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first bytes, as many as lie together: at least a header's worth, if there are as many.
    pub fn expose_beginning(&self) -> &[u8] {
        self.expose_chunks().next().unwrap_or_default()
    }

    /// Lets the first `count` bytes no longer count.
    pub fn discard_beginning(&mut self, count: usize) {
        assert!(
            count <= self.expose_beginning().len(),
            "only what lies together can be discarded"
        );
        self.discarded += count;
    }

    /// The door out: the bytes in order, as the chunks they are kept in.
    pub fn expose_chunks(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let skips = std::iter::once(self.discarded).chain(std::iter::repeat(0));
        self.chunks
            .iter()
            .zip(skips)
            .map(|(chunk, skip)| &chunk[skip..])
    }

    /// The door in and out: the chunks in order, to be changed in place.
    pub fn expose_chunks_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        let skips = std::iter::once(self.discarded).chain(std::iter::repeat(0));
        self.chunks
            .iter_mut()
            .zip(skips)
            .map(|(chunk, skip)| &mut chunk[skip..])
    }

    /// The door out for small secrets: all bytes in one slice (chunks are joined first, and wiped).
    pub fn expose(&mut self) -> &[u8] {
        if self.chunks.len() > 1 {
            let mut joined = Vec::with_capacity(self.len());
            self.expose_chunks()
                .for_each(|chunk| joined.extend_from_slice(chunk));
            // The chunks are wiped as they are dropped.
            *self = Self::from_vec(joined);
        }
        self.expose_beginning()
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.chunks.iter_mut().for_each(Zeroize::zeroize);
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretBytes({} bytes)", self.len())
    }
}

/// Keeps the memory of this process out of core dumps and, on Linux, away from debuggers of the same user.
///
/// Called before a key is read. A system that refuses is no reason to stop: the keys are no worse off than before.
pub fn forbid_core_dumps() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    let _ = rustix::process::setrlimit(
        rustix::process::Resource::Core,
        rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
}

/// Reads until `buffer` is full or the source ends; returns how much was read.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(
            format!("{:?}", SecretBytes::copy_of(b"hunter2")),
            "SecretBytes(7 bytes)"
        );
    }

    #[test]
    fn what_is_read_and_appended_comes_out_in_order() {
        let source: Vec<u8> = (0..2 * CHUNK_LEN + 5).map(|index| index as u8).collect();
        let mut secret =
            SecretBytes::read_from(&mut source.as_slice()).expect("a slice reads without errors");
        secret.append(b"tail");
        assert_eq!(secret.len(), source.len() + 4);
        assert_eq!(
            secret.expose_chunks().collect::<Vec<_>>().concat(),
            [&source[..], b"tail"].concat()
        );
        assert_eq!(secret.expose(), [&source[..], b"tail"].concat());
    }

    #[test]
    fn what_is_discarded_is_gone_from_every_door() {
        let mut secret = SecretBytes::copy_of(b"header");
        secret.append(&[1; CHUNK_LEN]);
        secret.append(b"!");
        secret.discard_beginning(4);
        assert_eq!(secret.len(), 2 + CHUNK_LEN + 1);
        assert_eq!(secret.expose_beginning(), b"er");
        assert_eq!(
            secret
                .expose_chunks_mut()
                .next()
                .map(|chunk| chunk.to_vec()),
            Some(b"er".to_vec())
        );
        assert_eq!(secret.expose(), [b"er", &[1; CHUNK_LEN][..], b"!"].concat());
    }
}
