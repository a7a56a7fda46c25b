//! One connection to one instance.

use std::{io, sync::Arc, time::Duration};

use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{clock, proxy::UploadBody, upstream::Upstream};

pub(crate) type Sender = SendRequest<UploadBody>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("no connection within {0:?}")]
    TimedOut(Duration),
    #[error("{0}")]
    Refused(#[from] io::Error),
    #[error("{0}")]
    Handshake(#[from] hyper::Error),
}

/// A connection on loan to one request.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: Sender,
    upstream: Arc<Upstream>,
    worker: usize,
    /// Whether it has carried a request before, so that the other side may be closing it right now.
    pub(crate) reused: bool,
}

impl Connection {
    pub(crate) fn reused(sender: Sender, upstream: Arc<Upstream>, worker: usize) -> Self {
        Self { sender, upstream, worker, reused: true }
    }

    /// A new connection, driven by a task on the current worker's runtime.
    pub(crate) async fn open(
        upstream: &Arc<Upstream>,
        worker: usize,
        patience: Duration,
        head_bytes: usize,
    ) -> Result<Self, ConnectError> {
        let stream = match tokio::time::timeout(patience, TcpStream::connect(upstream.address)).await {
            Ok(connected) => connected?,
            Err(_elapsed) => return Err(ConnectError::TimedOut(patience)),
        };
        stream.set_nodelay(true)?;
        let mut builder = Builder::new();
        builder.max_buf_size(head_bytes.max(8_192));
        let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
        let id = upstream.next_task();
        let owner = Arc::clone(upstream);
        let task = tokio::spawn(async move {
            // Its errors reach the request that was on it; an idle connection that breaks is nobody's problem.
            let _ended = connection.with_upgrades().await;
            owner.forget_task(id);
        });
        upstream.remember_task(id, task.abort_handle());
        Ok(Self { sender, upstream: Arc::clone(upstream), worker, reused: false })
    }

    /// The answer has been read to the end: the connection is free for the next request.
    pub(crate) fn release(self) {
        self.upstream.give_back(self.sender, self.worker, clock::now());
    }
}
