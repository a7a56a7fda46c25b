//! Connections of one listener: how many, how slow, and how they end.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    caller::Peer,
    limits::{HEAD_BYTES_MAX, Limits},
};

/// A listener that listens. It goes on when this is dropped; it ends by the token it was given.
#[derive(Debug)]
pub struct Listening {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) task: JoinHandle<()>,
}

impl Listening {
    /// The TCP address it listens on; `None` for a unix socket.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Waits until it has ended: asked to by its token, open requests answered.
    pub async fn ended(self) {
        // A panic in it has been reported by the runtime already.
        let _panicked = self.task.await;
    }
}

/// Where connections come from.
pub trait Accept: Send + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection; `None` for one that was turned away.
    fn accept(&self) -> impl Future<Output = io::Result<Option<(Self::Stream, Peer)>>> + Send;
}

/// Serves connections until `shutdown`, then lets open requests end.
pub async fn serve<A: Accept>(listener: A, router: Router, limits: Limits, shutdown: CancellationToken) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = accept_when_free(&listener, &permits) => match accepted {
                Ok(Some((stream, peer, permit))) => {
                    let served = serve_connection(stream, peer, router.clone(), limits, shutdown.clone());
                    connections.spawn(async move {
                        served.await;
                        drop(permit);
                    });
                }
                Ok(None) => {}
                Err(error) => {
                    // Out of file descriptors, mostly: give connections time to end.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain, drained).await.is_err() {
        tracing::warn!("requests that did not end in time were torn");
    }
}

async fn accept_when_free<A: Accept>(
    listener: &A,
    permits: &Arc<Semaphore>,
) -> io::Result<Option<(A::Stream, Peer, tokio::sync::OwnedSemaphorePermit)>> {
    let permit = permits.clone().acquire_owned().await.expect("the semaphore is never closed");
    Ok(listener.accept().await?.map(|(stream, peer)| (stream, peer, permit)))
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout).max_buf_size(HEAD_BYTES_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
