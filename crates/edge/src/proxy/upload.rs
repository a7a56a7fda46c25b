//! The body of a request on its way to an instance: streamed, counted, limited.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::clock;

/// Why a body ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    #[error("the request body is larger than the limit")]
    TooLarge,
    #[error("the client stopped sending: {0}")]
    Client(#[from] hyper::Error),
}

/// How far an upload has come; shared by the body and the one who waits for the answer.
#[derive(Debug)]
pub(crate) struct Progress {
    began: Instant,
    last_ms: AtomicU64,
    ended: AtomicBool,
    too_large: AtomicBool,
}

impl Progress {
    fn start() -> Self {
        Self {
            began: clock::now(),
            last_ms: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            too_large: AtomicBool::new(false),
        }
    }

    fn moved(&self) {
        let since_began = clock::now().saturating_duration_since(self.began);
        self.last_ms.store(u64::try_from(since_began.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When the last piece came.
    pub(crate) fn last(&self) -> Instant {
        self.began + std::time::Duration::from_millis(self.last_ms.load(Ordering::Relaxed))
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    pub(crate) fn was_too_large(&self) -> bool {
        self.too_large.load(Ordering::Relaxed)
    }
}

/// The body of a request on its way to an instance.
#[derive(Debug)]
pub(crate) enum UploadBody {
    Empty,
    Stream { body: Incoming, progress: Arc<Progress>, left_bytes: u64 },
}

impl UploadBody {
    /// Takes over what the client sends, up to `limit_bytes`.
    pub(crate) fn new(body: Incoming, limit_bytes: u64) -> Self {
        if body.is_end_stream() {
            return Self::Empty;
        }
        Self::Stream { body, progress: Arc::new(Progress::start()), left_bytes: limit_bytes }
    }

    pub(crate) fn progress(&self) -> Option<Arc<Progress>> {
        match self {
            Self::Empty => None,
            Self::Stream { progress, .. } => Some(Arc::clone(progress)),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

impl Body for UploadBody {
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        let Self::Stream { body, progress, left_bytes } = self.get_mut() else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(&mut *body).poll_frame(context);
        let frame = match polled {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => {
                progress.moved();
                progress.ended.store(true, Ordering::Relaxed);
                return Poll::Ready(None);
            }
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(Some(Ok(frame))) => frame,
        };
        progress.moved();
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        match left_bytes.checked_sub(length) {
            Some(left) => *left_bytes = left,
            None => {
                progress.too_large.store(true, Ordering::Relaxed);
                return Poll::Ready(Some(Err(UploadError::TooLarge)));
            }
        }
        if body.is_end_stream() {
            progress.ended.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Stream { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Stream { body, .. } => body.size_hint(),
        }
    }
}
