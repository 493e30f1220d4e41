//! Writing pkt-lines.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::{LENGTH_LEN, LONGEST_CONTENT};
use crate::secret::wipe;

/// Writes packets to a stream. The buffer is wiped each time it is sent.
pub struct PacketWriter<Stream: Write> {
    stream: Stream,
    buffer: Zeroizing<Vec<u8>>,
}

/// Writes content of known length in as few packets as possible: each packet costs Git a read and a large buffer.
pub struct PacketContentWriter<'writer, Stream: Write> {
    writer: &'writer mut PacketWriter<Stream>,
    /// How many bytes are still to come after the current packet.
    left: usize,
    /// How many bytes of the current packet are still to come.
    room: usize,
}

impl<Stream: Write> PacketWriter<Stream> {
    /// A writer to `stream`. Nothing is written to `stream` before [`PacketWriter::send`], unless the buffer is full.
    pub fn new(stream: Stream) -> Self {
        let buffer = Zeroizing::new(Vec::with_capacity(2 * (LENGTH_LEN + LONGEST_CONTENT)));
        Self { stream, buffer }
    }

    /// Adds a packet with one line of text.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        let mut content = self.content(text.len() + 1);
        content.write_all(text.as_bytes())?;
        content.write_all(b"\n")
    }

    /// Adds packets for `length` bytes of content. The caller must write all these bytes.
    pub fn content(&mut self, length: usize) -> PacketContentWriter<'_, Stream> {
        PacketContentWriter {
            writer: self,
            left: length,
            room: 0,
        }
    }

    /// Adds the length of a packet, and makes room for its content. If the buffer grew, copies would stay behind in
    /// freed memory.
    fn begin_packet(&mut self, length: usize) -> io::Result<()> {
        if self.buffer.capacity() - self.buffer.len() < LENGTH_LEN + length {
            self.send()?;
        }
        self.buffer
            .extend_from_slice(format!("{:04x}", LENGTH_LEN + length).as_bytes());
        Ok(())
    }

    /// Adds a flush packet.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.capacity() - self.buffer.len() < LENGTH_LEN {
            self.send()?;
        }
        self.buffer.extend_from_slice(b"0000");
        Ok(())
    }

    /// Sends everything in the buffer.
    pub fn send(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.buffer)?;
        wipe(&mut self.buffer);
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

    /// Does nothing: the buffer is sent by [`PacketWriter::send`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
