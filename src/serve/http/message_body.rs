//! The body of a request that the service sends. It is in memory once, until it is sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// A body that all clones of a request share. Attempts that get no connection leave it there for the next one.
#[derive(Clone)]
pub(super) struct MessageBody {
    unsent: Arc<Mutex<Option<Bytes>>>,
}

impl From<Bytes> for MessageBody {
    fn from(bytes: Bytes) -> Self {
        let unsent = Some(bytes).filter(|bytes| !bytes.is_empty());
        Self {
            unsent: Arc::new(Mutex::new(unsent)),
        }
    }
}

impl MessageBody {
    fn with_unsent<Value>(&self, look: impl FnOnce(&mut Option<Bytes>) -> Value) -> Value {
        let unsent = self.unsent.lock();
        look(&mut unsent.unwrap_or_else(PoisonError::into_inner))
    }
}

impl Body for MessageBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = self.with_unsent(Option::take);
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.with_unsent(|unsent| unsent.is_none())
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.with_unsent(|unsent| unsent.as_ref().map_or(0, Bytes::len));
        SizeHint::with_exact(length as u64)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[test]
    fn a_body_is_sent_once_and_then_held_by_nobody() {
        let bytes = Bytes::from(vec![7; 3]);
        let body = MessageBody::from(bytes.clone());
        let later = body.clone();
        assert_eq!(later.size_hint().exact(), Some(3));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let sent = runtime.block_on(body.collect()).expect("a body");
        assert_eq!(sent.to_bytes(), bytes);
        assert!(later.is_end_stream());
        assert!(bytes.is_unique(), "a clone of the request still has it");
    }
}
