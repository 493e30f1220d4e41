//! A connection that limits the length of each response, whatever the daemon sends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper_util::client::legacy::connect::{Connected, Connection};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Any kind of connection.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<Stream: AsyncRead + AsyncWrite + Send + Unpin> Wire for Stream {}

/// A connection that fails when a response is too long. Everything read since the last write counts as one response.
pub(super) struct LimitedStream {
    wire: Box<dyn Wire>,
    maximum: usize,
    /// How many bytes of the response have been read.
    length: usize,
}

/// The daemon's response is too long.
#[derive(Debug, Error)]
#[error("it has more than {} MiB", maximum >> 20)]
pub(super) struct ResponseTooLong {
    maximum: usize,
}

impl LimitedStream {
    /// A connection with this `maximum` length in bytes for each response.
    pub(super) fn new(wire: impl Wire + 'static, maximum: usize) -> Self {
        Self {
            wire: Box::new(wire),
            maximum,
            length: 0,
        }
    }
}

impl AsyncRead for LimitedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.wire).poll_read(context, buffer))?;
        self.length += buffer.filled().len() - before;
        let maximum = self.maximum;
        Poll::Ready(if self.length > maximum {
            Err(io::Error::other(ResponseTooLong { maximum }))
        } else {
            Ok(())
        })
    }
}

impl AsyncWrite for LimitedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.length = 0;
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

impl Connection for LimitedStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
