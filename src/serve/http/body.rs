//! Reads request bodies, with limits on the length of one, the total length in memory, and the time for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body, Incoming as IncomingBody};
use thiserror::Error;

/// Maximum length of a body in bytes. GitHub has the same limit.
pub(super) const LONGEST: usize = 25 << 20;

/// Maximum total length in bytes of the long bodies in memory. A single one may be longer.
const LONG_TOGETHER: usize = 16 << 20;

/// Maximum length of a short body in bytes. Few pushes are longer.
const SHORT: usize = 256 << 10;

/// Maximum total length in bytes of the short bodies in memory. Long bodies, which any stranger can send, don't count in it.
const SHORT_TOGETHER: usize = 8 << 20;

/// Maximum time for a body. GitHub waits no longer for the response.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum BodyError {
    #[error("the body is longer than {LONGEST} bytes")]
    TooLong,
    #[error("too many bodies are being read: send it again later")]
    NoRoom,
    #[error("the body did not come within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("the body was cut off")]
    CutOff,
}

/// How many bytes of request bodies are in memory.
#[derive(Default)]
pub(super) struct BodyMemory {
    short: AtomicUsize,
    long: AtomicUsize,
}

/// A request body. Its bytes count in [`BodyMemory`] until it is dropped.
pub(super) struct HeldBody {
    bytes: Vec<u8>,
    /// The announced length, or the maximum if none was announced.
    announced: usize,
    /// How many bytes count in `body_memory` for this body.
    taken: usize,
    body_memory: Arc<BodyMemory>,
}

impl HeldBody {
    /// Reads a body to its end, which must come within `patience`.
    pub(super) async fn read(
        body_memory: &Arc<BodyMemory>,
        body: IncomingBody,
        patience: Duration,
    ) -> Result<Self, BodyError> {
        let announced = body.size_hint().lower();
        if announced > LONGEST as u64 {
            return Err(BodyError::TooLong);
        }
        // A chunked body announces no length.
        let announced = body.size_hint().exact();
        let announced = announced.and_then(|announced| usize::try_from(announced).ok());
        let mut held = Self {
            bytes: Vec::new(),
            announced: announced.unwrap_or(LONGEST),
            taken: 0,
            body_memory: Arc::clone(body_memory),
        };
        let read = tokio::time::timeout(patience, held.read_from(body)).await;
        read.unwrap_or(Err(BodyError::TooSlow(patience)))?;
        Ok(held)
    }

    async fn read_from(&mut self, mut body: IncomingBody) -> Result<(), BodyError> {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| BodyError::CutOff)?;
            if let Some(piece) = frame.data_ref() {
                self.append(piece)?;
            }
        }
        Ok(())
    }

    fn append(&mut self, piece: &[u8]) -> Result<(), BodyError> {
        let own = self.bytes.len();
        if own + piece.len() > LONGEST {
            return Err(BodyError::TooLong);
        }
        let total = own + piece.len();
        if total <= SHORT {
            self.body_memory.take_short(piece.len())?;
            self.taken = total;
        } else if self.taken <= SHORT {
            // Reserve memory for the whole of a long body at once. Memory that grows step by step is copied, and exists twice meanwhile.
            let whole = self.announced.max(total);
            self.body_memory.take_long(whole)?;
            self.body_memory
                .short
                .fetch_sub(self.taken, Ordering::Relaxed);
            self.taken = whole;
            self.bytes.reserve_exact(whole - own);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for HeldBody {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

impl BodyMemory {
    fn take_short(&self, length: usize) -> Result<(), BodyError> {
        let before = self.short.fetch_add(length, Ordering::Relaxed);
        if before + length > SHORT_TOGETHER {
            self.short.fetch_sub(length, Ordering::Relaxed);
            return Err(BodyError::NoRoom);
        }
        Ok(())
    }

    fn take_long(&self, length: usize) -> Result<(), BodyError> {
        let before = self.long.fetch_add(length, Ordering::Relaxed);
        if before + length > LONG_TOGETHER && before > 0 {
            self.long.fetch_sub(length, Ordering::Relaxed);
            return Err(BodyError::NoRoom);
        }
        Ok(())
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        let body_memory = if self.taken <= SHORT {
            &self.body_memory.short
        } else {
            &self.body_memory.long
        };
        body_memory.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

impl BodyError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::CutOff => StatusCode::BAD_REQUEST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(body_memory: &Arc<BodyMemory>, announced: usize) -> HeldBody {
        HeldBody {
            bytes: Vec::new(),
            announced,
            taken: 0,
            body_memory: Arc::clone(body_memory),
        }
    }

    #[test]
    fn one_may_be_long_all_together_may_not_and_short_ones_have_room_of_their_own() {
        let body_memory = Arc::default();
        let piece = vec![0; 1 << 20];
        // A chunked body counts with the maximum length.
        let mut long = held(&body_memory, LONGEST);
        for _ in 0..25 {
            long.append(&piece).expect("it is alone");
        }
        assert_eq!(long.bytes.capacity(), LONGEST);
        assert_eq!(long.append(b"x"), Err(BodyError::TooLong));
        let mut other = held(&body_memory, 1 << 20);
        assert_eq!(other.append(&piece), Err(BodyError::NoRoom));
        let short = || held(&body_memory, SHORT);
        let mut short: Vec<HeldBody> = (0..SHORT_TOGETHER / SHORT).map(|_| short()).collect();
        for body in &mut short {
            for piece in piece[..SHORT].chunks(10_000) {
                body.append(piece).expect("it is short");
            }
        }
        assert_eq!(other.append(b"x"), Err(BodyError::NoRoom));
        assert_eq!(short[0].append(b"x"), Err(BodyError::NoRoom));
        drop(long);
        // This body is longer than announced.
        short[0].append(b"x").expect("it is a long one now");
        other.append(b"x").expect("another is none any more");
        let mut long = held(&body_memory, 15 << 20);
        for _ in 0..15 {
            long.append(&piece).expect("there is room");
        }
        let mut last = held(&body_memory, 1 << 20);
        assert_eq!(last.append(&piece), Err(BodyError::NoRoom));
        drop((other, short, long, last));
        let held = [&body_memory.short, &body_memory.long].map(|held| held.load(Ordering::Relaxed));
        assert_eq!(held, [0, 0]);
    }
}
