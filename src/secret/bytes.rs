//! Secret bytes of any length, wiped when they are dropped.

use std::fmt;
use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;

use super::wiping::{wipe, wipe_stack};

/// Length in bytes of the first chunk that is read: most files are smaller.
const FIRST_CHUNK_LEN: usize = 16 * 1024;
/// Maximum length of a chunk in bytes: a part of a processor's cache. Each chunk is twice as long as the one before.
const LONGEST_CHUNK_LEN: usize = 512 * 1024;

/// Key material or plaintext: wiped on drop, without `Clone` or `Display`. `Debug` shows the length only.
///
/// The bytes are kept in chunks that never move, so growing leaves no copies behind in freed memory.
#[derive(Default)]
pub struct SecretBytes {
    chunks: Vec<Chunk>,
    /// How many bytes at the beginning of the first chunk are hidden by [`Self::discard_beginning`].
    discarded: usize,
}

/// A part of a secret, wiped on drop with all its spare capacity.
struct Chunk(Vec<u8>);

impl SecretBytes {
    /// Copies `bytes`. The caller wipes the source.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self::from_vec(bytes.to_vec())
    }

    /// Copies `bytes`; `None` if there is too little memory. The caller wipes the source.
    pub fn try_copy_of(bytes: &[u8]) -> Option<Self> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(bytes.len()).ok()?;
        copy.extend_from_slice(bytes);
        Some(Self::from_vec(copy))
    }

    /// Takes over a buffer. It is wiped on drop, its spare capacity included.
    pub fn from_vec(bytes: Vec<u8>) -> Self {
        Self {
            chunks: vec![Chunk(bytes)],
            discarded: 0,
        }
    }

    /// Reads `source` to its end.
    pub fn read_from(source: &mut (impl Read + Send)) -> io::Result<Self> {
        Self::read_with(source, |_| {})
    }

    /// Reads `source` to its end. The expected `length` decides how much memory is reserved for the first chunk.
    pub fn read_expecting(source: &mut (impl Read + Send), length: u64) -> io::Result<Self> {
        // A chunk of one byte more is not filled by the content: this shows that the source has ended.
        let length = usize::try_from(length).map_or(FIRST_CHUNK_LEN, |length| length + 1);
        let first = length.min(FIRST_CHUNK_LEN);
        Ok(Self::read_in_chunks(source, first, usize::MAX, |_| {})?.0)
    }

    /// Reads `source` to its end, and hands each chunk to `each` as soon as it has been read. For a long source,
    /// another thread reads the next chunks meanwhile.
    pub fn read_with(
        source: &mut (impl Read + Send),
        each: impl FnMut(&mut [u8]),
    ) -> io::Result<Self> {
        Ok(Self::read_up_to(source, usize::MAX, each)?.0)
    }

    /// As [`Self::read_with`], but stops after about `maximum` bytes (the last chunk may go beyond). The flag returned
    /// is true if the source has ended.
    pub fn read_up_to(
        source: &mut (impl Read + Send),
        maximum: usize,
        each: impl FnMut(&mut [u8]),
    ) -> io::Result<(Self, bool)> {
        Self::read_in_chunks(source, FIRST_CHUNK_LEN, maximum, each)
    }

    /// As [`Self::read_up_to`], with a first chunk of this length.
    fn read_in_chunks(
        source: &mut (impl Read + Send),
        first_length: usize,
        maximum: usize,
        mut each: impl FnMut(&mut [u8]),
    ) -> io::Result<(Self, bool)> {
        let mut secret = Self::default();
        let first = Chunk::read(source, first_length)?;
        let mut is_whole = first.0.len() < first_length;
        secret.push(first, &mut each);
        if !is_whole {
            // Starting a thread copies unused parts of the stack to the heap.
            wipe_stack();
            is_whole = secret.read_rest(source, maximum, each)?;
        }
        Ok((secret, is_whole))
    }

    #[inline(never)]
    fn read_rest(
        &mut self,
        source: &mut (impl Read + Send),
        maximum: usize,
        mut each: impl FnMut(&mut [u8]),
    ) -> io::Result<bool> {
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let reading = scope.spawn(move || {
                let (mut length, mut all) = (FIRST_CHUNK_LEN, FIRST_CHUNK_LEN);
                let mut is_whole = false;
                while !is_whole && all < maximum {
                    length = longer_chunk(length);
                    let chunk = Chunk::read(source, length);
                    is_whole = chunk.as_ref().map_or(true, |chunk| chunk.0.len() < length);
                    all += length;
                    if sender.send(chunk).is_err() {
                        break;
                    }
                }
                wipe_stack();
                is_whole
            });
            for chunk in receiver {
                self.push(chunk?, &mut each);
            }
            Ok(reading.join().expect("because reading does not panic"))
        })
    }

    /// Hands each chunk to `prepare`, which changes it in place, then to `take`; then wipes it. For a long secret,
    /// another thread prepares the next chunks and wipes the taken ones meanwhile.
    pub fn pour<Error>(
        self,
        mut prepare: impl FnMut(&mut [u8]) + Send,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let skips = std::iter::once(self.discarded).chain(std::iter::repeat(0));
        let mut prepared = self.chunks.into_iter().zip(skips).map(|(mut chunk, skip)| {
            prepare(&mut chunk.0[skip..]);
            (chunk, skip)
        });
        if let (_, Some(..=1)) = prepared.size_hint() {
            return prepared.try_for_each(|(chunk, skip)| take(&chunk.0[skip..]));
        }
        // Starting a thread copies unused parts of the stack to the heap.
        wipe_stack();
        pour_ahead(prepared, take)
    }

    /// Appends `bytes`. The bytes already held never move.
    pub fn append(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let full = self
                .chunks
                .last()
                .is_none_or(|chunk| chunk.0.len() == chunk.0.capacity());
            if full {
                let before = self.chunks.last().map(|chunk| chunk.0.capacity());
                let capacity = before.map_or(FIRST_CHUNK_LEN, longer_chunk);
                self.chunks.push(Chunk(Vec::with_capacity(capacity)));
            }
            let chunk = &mut self.chunks.last_mut().expect("a chunk was just pushed").0;
            let room = (chunk.capacity() - chunk.len()).min(bytes.len());
            chunk.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
        }
    }

    /// Number of bytes held.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.0.len()).sum::<usize>() - self.discarded
    }

    /// True if no bytes are held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first bytes, as far as they lie in the first chunk. This is at least the header of a blob, unless the whole
    /// content is shorter.
    pub fn expose_beginning(&self) -> &[u8] {
        self.expose_chunks().next().unwrap_or_default()
    }

    /// Hides the first `count` bytes, which must all lie in the first chunk.
    pub fn discard_beginning(&mut self, count: usize) {
        assert!(
            count <= self.expose_beginning().len(),
            "only what lies together can be discarded"
        );
        self.discarded += count;
    }

    /// The way out: the bytes in order, in the chunks that hold them.
    pub fn expose_chunks(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let skips = std::iter::once(self.discarded).chain(std::iter::repeat(0));
        self.chunks
            .iter()
            .zip(skips)
            .map(|(chunk, skip)| &chunk.0[skip..])
    }

    /// The way in and out: the chunks in order, to be changed in place.
    pub fn expose_chunks_mut(&mut self) -> impl Iterator<Item = &mut [u8]> {
        let skips = std::iter::once(self.discarded).chain(std::iter::repeat(0));
        self.chunks
            .iter_mut()
            .zip(skips)
            .map(|(chunk, skip)| &mut chunk.0[skip..])
    }

    /// The way out for small secrets: all bytes in one slice. Several chunks are joined first; the old chunks are wiped.
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

    fn push(&mut self, mut chunk: Chunk, each: &mut impl FnMut(&mut [u8])) {
        each(&mut chunk.0);
        self.chunks.push(chunk);
    }
}

/// Hands each chunk to `take`, without as many first bytes as the number beside it says. Another thread prepares the
/// chunks, and wipes them when they have been taken.
#[inline(never)]
fn pour_ahead<Error>(
    chunks: impl Iterator<Item = (Chunk, usize)> + Send,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let (give_back, taken) = mpsc::channel::<Chunk>();
        scope.spawn(move || {
            for chunk in chunks {
                if sender.send(chunk).is_err() {
                    break;
                }
                taken.try_iter().for_each(drop);
            }
            drop(sender);
            taken.iter().for_each(drop);
            wipe_stack();
        });
        for (chunk, skip) in receiver {
            take(&chunk.0[skip..])?;
            // If the other thread is gone, the chunk is wiped here.
            let _ = give_back.send(chunk);
        }
        Ok(())
    })
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretBytes({} bytes)", self.len())
    }
}

impl Chunk {
    /// Reads until the chunk is `length` bytes long or the source ends.
    fn read(source: &mut impl Read, length: usize) -> io::Result<Self> {
        // Zeroed pages cost nothing until they are touched.
        let mut chunk = Self(vec![0; length]);
        let mut filled = 0;
        while filled < length {
            match source.read(&mut chunk.0[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        chunk.0.truncate(filled);
        Ok(chunk)
    }
}

/// The length of the chunk after one of `length`: twice as long, within the limits.
fn longer_chunk(length: usize) -> usize {
    (2 * length).clamp(FIRST_CHUNK_LEN, LONGEST_CHUNK_LEN)
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // Makes the spare capacity part of the vector, so that it is wiped, too.
        self.0.resize(self.0.capacity(), 0);
        wipe(&mut self.0);
    }
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
        for length in [
            0,
            1,
            FIRST_CHUNK_LEN - 1,
            FIRST_CHUNK_LEN,
            3 * FIRST_CHUNK_LEN,
            9 * LONGEST_CHUNK_LEN + 5,
        ] {
            let source: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            let mut seen = Vec::new();
            let mut secret = SecretBytes::read_with(&mut source.as_slice(), |chunk| {
                seen.extend_from_slice(chunk)
            })
            .expect("a slice reads without errors");
            secret.append(b"tail");
            assert_eq!(seen, source);
            assert_eq!(secret.len(), source.len() + 4);
            assert_eq!(
                secret.expose_chunks().collect::<Vec<_>>().concat(),
                [&source[..], b"tail"].concat()
            );
            assert_eq!(secret.expose(), [&source[..], b"tail"].concat());
        }
    }

    #[test]
    fn reading_stops_soon_after_what_may_be_held() {
        let length = 3 * LONGEST_CHUNK_LEN;
        let source: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
        let mut rest = source.as_slice();
        let mut parts = Vec::new();
        loop {
            let (mut part, is_whole) =
                SecretBytes::read_up_to(&mut rest, LONGEST_CHUNK_LEN, |_| {}).expect("a slice");
            assert!(part.len() <= 2 * LONGEST_CHUNK_LEN);
            parts.push(part.expose().to_vec());
            if is_whole {
                break;
            }
        }
        assert!(parts.len() > 1);
        assert_eq!(parts.concat(), source);
    }

    #[test]
    fn what_is_poured_comes_prepared_and_in_order() {
        for length in [0, 1, FIRST_CHUNK_LEN + 1, 9 * LONGEST_CHUNK_LEN + 5] {
            let mut secret = SecretBytes::default();
            secret.append(&vec![7; length + 1]);
            secret.discard_beginning(1);
            let mut poured = Vec::new();
            let mut next = 0;
            let mut number = |byte: &mut u8| {
                next += 1;
                *byte = (next % 251) as u8;
            };
            let all_taken: Result<(), ()> = secret.pour(
                |chunk| chunk.iter_mut().for_each(&mut number),
                |chunk| {
                    poured.extend_from_slice(chunk);
                    Ok(())
                },
            );
            assert_eq!(all_taken, Ok(()));
            let expected: Vec<u8> = (1..=length).map(|index| (index % 251) as u8).collect();
            assert_eq!(poured, expected);
        }
    }

    #[test]
    fn pouring_stops_where_nothing_more_is_taken() {
        let mut secret = SecretBytes::default();
        secret.append(&vec![7; 20 * LONGEST_CHUNK_LEN]);
        let mut taken = 0;
        let stopped = secret.pour(
            |_| {},
            |_| {
                taken += 1;
                if taken == 3 { Err("full") } else { Ok(()) }
            },
        );
        assert_eq!((stopped, taken), (Err("full"), 3));
    }

    #[test]
    fn a_source_that_fails_in_the_middle_fails_the_reading() {
        struct Failing(usize);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len();
                if self.0 > 4 * LONGEST_CHUNK_LEN {
                    Err(io::Error::other("gone"))
                } else {
                    Ok(buffer.len())
                }
            }
        }
        let error = SecretBytes::read_from(&mut Failing(0)).expect_err("it fails");
        assert_eq!(error.to_string(), "gone");
    }

    #[test]
    fn what_is_discarded_is_gone_from_every_door() {
        let mut secret = SecretBytes::copy_of(b"header");
        secret.append(&[1; LONGEST_CHUNK_LEN]);
        secret.append(b"!");
        secret.discard_beginning(4);
        assert_eq!(secret.len(), 2 + LONGEST_CHUNK_LEN + 1);
        assert_eq!(secret.expose_beginning(), b"er");
        assert_eq!(
            secret
                .expose_chunks_mut()
                .next()
                .map(|chunk| chunk.to_vec()),
            Some(b"er".to_vec())
        );
        assert_eq!(
            secret.expose(),
            [b"er", &[1; LONGEST_CHUNK_LEN][..], b"!"].concat()
        );
    }
}
