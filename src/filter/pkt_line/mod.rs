//! Git's pkt-lines: four hexadecimal digits of length, then so many bytes less four; `0000` ends a list.
//!
//! Source: gitprotocol-common(5), and gitattributes(5) on the long-running filter process.

use std::io::{self, Read, Write};

use thiserror::Error;
use zeroize::Zeroizing;

/// Longest content of one packet in bytes.
const LONGEST_CONTENT: usize = 65516;
/// The length that stands before it.
const LENGTH_LEN: usize = 4;

/// Why a conversation in pkt-lines broke down.
#[derive(Debug, Error)]
pub enum PktLineError {
    /// The other side could not be read or written.
    #[error("talking to git failed: {0}")]
    Stream(#[from] io::Error),
    /// The length of a packet is no number, or an impossible one.
    #[error("git sent a packet of length `{0}`")]
    BadLength(String),
    /// Git went away in the middle.
    #[error("git ended the conversation in the middle of it")]
    Ended,
}

/// One packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'buffer> {
    /// Some bytes.
    Data(&'buffer [u8]),
    /// The end of a list.
    Flush,
    /// The end of the conversation, between two packets.
    End,
}

/// Reads packets from a stream; its buffer is wiped on drop.
pub struct PacketReader<Stream> {
    stream: Stream,
    buffer: Zeroizing<Vec<u8>>,
    taken: usize,
    filled: usize,
}

/// The content of one file, between a list of lines and a flush packet.
pub struct PacketContent<'reader, Stream> {
    reader: &'reader mut PacketReader<Stream>,
    /// So much of the packet that was read last is still to be handed on.
    left: usize,
    ended: bool,
}

/// Writes packets to a stream; its buffer is wiped on drop.
pub struct PacketWriter<Stream: Write> {
    stream: Stream,
    buffer: Zeroizing<Vec<u8>>,
}

/// Content of a length known beforehand, in as few packets as it fits: each costs Git a read and a large buffer.
pub struct PacketContentWriter<'writer, Stream: Write> {
    writer: &'writer mut PacketWriter<Stream>,
    /// So many bytes are still to come.
    left: usize,
    /// So many of them belong to the packet that was begun.
    room: usize,
}

impl<Stream: Read> PacketReader<Stream> {
    /// A reader of `stream`.
    pub fn new(stream: Stream) -> Self {
        let buffer = Zeroizing::new(vec![0; 2 * (LENGTH_LEN + LONGEST_CONTENT)]);
        Self {
            stream,
            buffer,
            taken: 0,
            filled: 0,
        }
    }

    /// The next packet.
    pub fn packet(&mut self) -> Result<Packet<'_>, PktLineError> {
        if self.filled == self.taken {
            (self.filled, self.taken) = (0, 0);
            if self.fill(1)? == 0 {
                return Ok(Packet::End);
            }
        }
        self.require(LENGTH_LEN)?;
        let digits = &self.buffer[self.taken..self.taken + LENGTH_LEN];
        let bad_length = || PktLineError::BadLength(String::from_utf8_lossy(digits).into_owned());
        // `from_str_radix` alone would take a sign.
        let hexadecimal = digits.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(digits)
            .ok()
            .filter(|_| hexadecimal)
            .ok_or_else(bad_length)?;
        let length = usize::from_str_radix(text, 16).map_err(|_| bad_length())?;
        if length != 0 && !(LENGTH_LEN..=LENGTH_LEN + LONGEST_CONTENT).contains(&length) {
            return Err(bad_length());
        }
        if length == 0 {
            self.taken += LENGTH_LEN;
            return Ok(Packet::Flush);
        }
        self.require(length)?;
        let content = self.taken + LENGTH_LEN..self.taken + length;
        self.taken += length;
        Ok(Packet::Data(&self.buffer[content]))
    }

    /// The lines up to the next flush packet, without their line ends; `None` where the conversation is over.
    pub fn lines(&mut self) -> Result<Option<Vec<Vec<u8>>>, PktLineError> {
        let mut lines = Vec::new();
        loop {
            match self.packet()? {
                Packet::Data(line) => lines.push(line.strip_suffix(b"\n").unwrap_or(line).to_vec()),
                Packet::Flush => return Ok(Some(lines)),
                Packet::End if lines.is_empty() => return Ok(None),
                Packet::End => return Err(PktLineError::Ended),
            }
        }
    }

    /// The content up to the next flush packet, as a stream of its own; must be read to its end.
    pub fn content(&mut self) -> PacketContent<'_, Stream> {
        PacketContent {
            reader: self,
            left: 0,
            ended: false,
        }
    }

    fn require(&mut self, length: usize) -> Result<(), PktLineError> {
        let missing = length.saturating_sub(self.filled - self.taken);
        match missing == 0 || self.fill(missing)? >= missing {
            true => Ok(()),
            false => Err(PktLineError::Ended),
        }
    }

    /// Reads at least `wanted` more bytes, or up to the stream's end; returns how many.
    fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        if self.buffer.len() - self.filled < wanted {
            self.buffer.copy_within(self.taken..self.filled, 0);
            self.filled -= self.taken;
            self.taken = 0;
        }
        let mut read = 0;
        while read < wanted {
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(length) => {
                    read += length;
                    self.filled += length;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

impl<Stream: Read> Read for PacketContent<'_, Stream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            match self.reader.packet().map_err(PktLineError::into_io)? {
                Packet::Data(bytes) => self.left = bytes.len(),
                Packet::Flush => self.ended = true,
                Packet::End => return Err(PktLineError::Ended.into_io()),
            }
        }
        // What the packet held lies right before the place that was read up to.
        let count = self.left.min(buffer.len());
        let start = self.reader.taken - self.left;
        buffer[..count].copy_from_slice(&self.reader.buffer[start..start + count]);
        self.left -= count;
        Ok(count)
    }
}

impl PktLineError {
    fn into_io(self) -> io::Error {
        match self {
            Self::Stream(error) => error,
            broken => io::Error::other(broken),
        }
    }
}

impl<Stream: Write> PacketWriter<Stream> {
    /// A writer to `stream`; nothing arrives there before [`PacketWriter::send`].
    pub fn new(stream: Stream) -> Self {
        let buffer = Zeroizing::new(Vec::with_capacity(2 * (LENGTH_LEN + LONGEST_CONTENT)));
        Self { stream, buffer }
    }

    /// A packet with one line of text.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        let mut content = self.content(text.len() + 1);
        content.write_all(text.as_bytes())?;
        content.write_all(b"\n")
    }

    /// The packets of `length` bytes of content, to be written all.
    pub fn content(&mut self, length: usize) -> PacketContentWriter<'_, Stream> {
        PacketContentWriter {
            writer: self,
            left: length,
            room: 0,
        }
    }

    /// The length of a packet, and room in the buffer for its content: growing would leave copies behind.
    fn begin_packet(&mut self, length: usize) -> io::Result<()> {
        if self.buffer.capacity() - self.buffer.len() < LENGTH_LEN + length {
            self.send()?;
        }
        self.buffer
            .extend_from_slice(format!("{:04x}", LENGTH_LEN + length).as_bytes());
        Ok(())
    }

    /// A flush packet.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.capacity() - self.buffer.len() < LENGTH_LEN {
            self.send()?;
        }
        self.buffer.extend_from_slice(b"0000");
        Ok(())
    }

    /// Lets everything written arrive.
    pub fn send(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.buffer)?;
        self.buffer.clear();
        self.stream.flush()
    }
}

impl<Stream: Write> Write for PacketContentWriter<'_, Stream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 && self.left > 0 {
            self.room = self.left.min(LONGEST_CONTENT);
            self.left -= self.room;
            self.writer.begin_packet(self.room)?;
        }
        let now = &bytes[..self.room.min(bytes.len())];
        self.writer.buffer.extend_from_slice(now);
        self.room -= now.len();
        Ok(now.len())
    }

    /// Nothing: what is in the buffer goes out with [`PacketWriter::send`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(content in prop::collection::vec(any::<u8>(), 0..200_000)) {
            let mut written = Vec::new();
            let mut writer = PacketWriter::new(&mut written);
            writer.line("status=success").expect("memory");
            writer.flush().expect("memory");
            let (first, second) = content.split_at(content.len() / 3);
            let mut written_content = writer.content(content.len());
            written_content.write_all(first).expect("memory");
            written_content.write_all(second).expect("memory");
            writer.flush().and_then(|()| writer.send()).expect("memory");
            drop(writer);
            let mut reader = PacketReader::new(&written[..]);
            prop_assert_eq!(reader.lines().expect("written"), Some(vec![b"status=success".to_vec()]));
            let mut read = SecretBytes::read_from(&mut reader.content()).expect("written");
            prop_assert_eq!(read.expose(), &content);
            prop_assert_eq!(reader.packet().expect("at the end"), Packet::End);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut reader = PacketReader::new(&bytes[..]);
            while matches!(reader.packet(), Ok(Packet::Data(_) | Packet::Flush)) {}
        }
    }

    #[test]
    fn impossible_lengths_are_refused() {
        for length in ["0001", "0003", "fff5", "+123", "zzzz"] {
            let mut reader = PacketReader::new(length.as_bytes());
            assert!(
                matches!(reader.packet(), Err(PktLineError::BadLength(text)) if text == length)
            );
        }
        assert!(matches!(
            PacketReader::new(&b"0009abc"[..]).packet(),
            Err(PktLineError::Ended)
        ));
        assert!(matches!(
            PacketReader::new(&b"00"[..]).packet(),
            Err(PktLineError::Ended)
        ));
    }
}
