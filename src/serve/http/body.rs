//! Reads bodies within limits: of one, of all that are held, and of the time that one may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body, Incoming as IncomingBody};
use thiserror::Error;

/// Maximum length of a body in bytes, as at GitHub.
pub(super) const LONGEST: usize = 25 << 20;

/// Maximum length of all bodies that are held, unless one is long and the others are short together.
const LONGEST_TOGETHER: usize = 16 << 20;

/// Maximum length of all bodies together that are no hindrance to a long one.
const SHORT_TOGETHER: usize = 1 << 20;

/// Maximum length of a body that may use the room that is kept for short ones. Few pushes are longer.
const SHORT: usize = 256 << 10;

/// The room that is kept for short bodies: long ones of strangers do not take it.
const KEPT_FOR_SHORT: usize = 8 << 20;

/// How long a body may take. GitHub does not wait any longer for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum BodyError {
    #[error("the body is longer than {LONGEST} bytes")]
    TooLong,
    #[error("too many bodies are being read: send it again later")]
    NoRoom,
    #[error("the body did not come within {} s", PATIENCE.as_secs())]
    TooSlow,
    #[error("the body was cut off")]
    CutOff,
}

/// How many bytes of bodies are held.
#[derive(Default)]
pub(super) struct Room {
    held: AtomicUsize,
}

/// A body, which takes up room as long as it lives.
pub(super) struct HeldBody {
    bytes: Vec<u8>,
    room: Arc<Room>,
}

impl HeldBody {
    /// Reads a body to its end.
    pub(super) async fn read(room: &Arc<Room>, body: IncomingBody) -> Result<Self, BodyError> {
        let told = body.size_hint().lower();
        if told > LONGEST as u64 {
            return Err(BodyError::TooLong);
        }
        let mut held = Self {
            bytes: Vec::new(),
            room: Arc::clone(room),
        };
        let read = tokio::time::timeout(PATIENCE, held.read_from(body)).await;
        read.unwrap_or(Err(BodyError::TooSlow))?;
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
        let before = self.room.held.fetch_add(piece.len(), Ordering::Relaxed);
        let others = before.saturating_sub(own);
        let is_short = own + piece.len() <= SHORT;
        let kept = if is_short { KEPT_FOR_SHORT } else { 0 };
        if before + piece.len() > LONGEST_TOGETHER + kept && others > SHORT_TOGETHER {
            self.room.held.fetch_sub(piece.len(), Ordering::Relaxed);
            return Err(BodyError::NoRoom);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        self.room
            .held
            .fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl BodyError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::CutOff => StatusCode::BAD_REQUEST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(room: &Arc<Room>) -> HeldBody {
        HeldBody {
            bytes: Vec::new(),
            room: Arc::clone(room),
        }
    }

    #[test]
    fn one_may_be_long_and_all_together_may_not() {
        let room = Arc::default();
        let piece = vec![0; 1 << 20];
        let mut short = held(&room);
        short.append(b"x").expect("there is room");
        let mut long = held(&room);
        for _ in 0..25 {
            long.append(&piece).expect("the other is short");
        }
        assert_eq!(long.append(b"x"), Err(BodyError::TooLong));
        let mut other = held(&room);
        assert_eq!(other.append(b"x"), Err(BodyError::NoRoom));
        drop((long, short));
        for _ in 0..8 {
            other.append(&piece).expect("there is room");
        }
        let mut third = held(&room);
        for _ in 0..8 {
            third.append(&piece).expect("there is room");
        }
        assert_eq!(third.append(b"x"), Err(BodyError::NoRoom));
        let mut push = held(&room);
        push.append(&piece[..SHORT]).expect("it is short");
        assert_eq!(push.append(b"x"), Err(BodyError::NoRoom));
        drop((other, third, push));
        assert_eq!(room.held.load(Ordering::Relaxed), 0);
    }
}
