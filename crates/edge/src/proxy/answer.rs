//! The body of an answer on its way to the user. Its end frees the connection and closes the exchange.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::{
    upstream::Connection,
    version::{Class, Exchange},
};

/// Why an answer broke off. The user sees a body that does not end properly, as it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    #[error("the instance broke off: {0}")]
    Instance(#[from] hyper::Error),
    #[error("the instance sent nothing for {0:?}")]
    Idle(Duration),
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    /// Written by the edge.
    Own(Option<Bytes>),
    /// Passed on from an instance.
    Relayed(Relay),
}

/// A body passed on from an instance.
#[derive(Debug)]
pub(crate) struct Relay {
    body: Incoming,
    /// Given back at the end; dropped, and thereby closed, before it.
    connection: Option<Connection>,
    exchange: Option<Exchange>,
    patience: Duration,
    /// Made when the instance first lets us wait, which short answers never do.
    alarm: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl Relay {
    pub(crate) fn new(
        body: Incoming,
        connection: Connection,
        exchange: Exchange,
        patience: Duration,
    ) -> Self {
        let mut relay = Self {
            body,
            connection: Some(connection),
            exchange: Some(exchange),
            patience,
            alarm: None,
            waiting: false,
        };
        if relay.body.is_end_stream() {
            relay.release();
        }
        relay
    }

    fn release(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.release();
        }
    }

    fn finish(&mut self) {
        self.release();
        self.exchange = None;
    }

    fn broke_off(&mut self) {
        self.connection = None;
        if let Some(mut exchange) = self.exchange.take() {
            exchange.answered(Class::ServerError);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.waiting = false;
                if self.body.is_end_stream() {
                    self.finish();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                self.broke_off();
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                self.finish();
                Poll::Ready(None)
            }
            Poll::Pending => self.poll_alarm(context),
        }
    }

    fn poll_alarm(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        let deadline = || Instant::now() + self.patience;
        match &mut self.alarm {
            None => self.alarm = Some(Box::pin(tokio::time::sleep_until(deadline()))),
            Some(alarm) if !self.waiting => alarm.as_mut().reset(deadline()),
            Some(_) => {}
        }
        self.waiting = true;
        let alarm = self.alarm.as_mut().expect("made above");
        if alarm.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.broke_off();
        Poll::Ready(Some(Err(AnswerError::Idle(self.patience))))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerError>>> {
        match self.get_mut() {
            Self::Own(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Relayed(relay) => relay.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_none(),
            Self::Relayed(relay) => relay.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Relayed(relay) => relay.body.size_hint(),
        }
    }
}
