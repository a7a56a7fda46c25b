//! One connection to one instance.

use std::{
    io,
    net::TcpStream as StdTcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

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

/// A connection nobody uses at the moment.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) sender: Sender,
    pub(crate) probe: StdTcpStream,
    pub(crate) since: Instant,
}

/// A connection on loan to one request.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: Sender,
    upstream: Arc<Upstream>,
    worker: usize,
    /// The same socket, to look at it without reading.
    probe: StdTcpStream,
    /// Whether it has carried a request before, so that the other side may be closing it right now.
    pub(crate) reused: bool,
}

impl Connection {
    pub(crate) fn reused(idle: Idle, upstream: Arc<Upstream>, worker: usize) -> Self {
        let Idle { sender, probe, since: _ } = idle;
        Self { sender, upstream, worker, probe, reused: true }
    }

    /// Whether the other side has closed it, or said something nobody asked for. The connection's own task learns
    /// that too, but perhaps only after the request it would spoil has been written: one system call is cheap for a
    /// request that must not be sent twice.
    pub(crate) fn is_stale(&self) -> bool {
        !matches!(self.probe.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
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
        let stream = stream.into_std()?;
        let probe = stream.try_clone()?;
        let stream = TcpStream::from_std(stream)?;
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
        Ok(Self { sender, upstream: Arc::clone(upstream), worker, probe, reused: false })
    }

    /// The answer has been read to the end: the connection is free for the next request.
    pub(crate) fn release(self) {
        let Self { sender, upstream, worker, probe, reused: _ } = self;
        upstream.give_back(Idle { sender, probe, since: clock::now() }, worker);
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::VersionName;

    use super::*;

    #[tokio::test]
    async fn a_closed_connection_is_noticed_before_its_task_runs() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Arc::new(Upstream::new(VersionName::new("v1").unwrap(), address, 1));
        let connection = Connection::open(&upstream, 0, Duration::from_secs(5), 8_192).await.unwrap();
        let (server, _) = listener.accept().unwrap();
        assert!(!connection.is_stale());
        drop(server);
        assert!(!connection.sender.is_closed(), "nothing has run in between that could know");
        assert!(connection.is_stale());
    }
}
