//! The socket, and how the service ends: stopped with grace, or crashed without.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{options::Options, routes::State};

/// How many connections are served at a time; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 4096;
/// How long a client may take to send the head of a request, and how long an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The version cannot stand in a header.
    #[error("`{0}` cannot be a version: it must be 1 to 128 printable ASCII characters")]
    Version(String),
    /// A fault makes no sense.
    #[error(transparent)]
    Fault(#[from] super::FaultError),
}

/// How the service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a crashed service should end its process as if it had crashed"]
pub enum Ended {
    /// It was asked to stop and let open requests end.
    Stopped,
    /// Its crash fault struck; open connections were torn.
    Crashed,
}

/// A service that listens and does not answer yet.
pub struct Service {
    listener: TcpListener,
    address: SocketAddr,
    options: Options,
}

/// Listens and answers until `shutdown`.
pub async fn run(options: Options, shutdown: CancellationToken) -> Result<Ended, ServiceError> {
    Ok(Service::bind(options).await?.run(shutdown).await)
}

impl Service {
    /// Listens.
    pub async fn bind(options: Options) -> Result<Self, ServiceError> {
        let printable = options.version.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || !(1..=128).contains(&options.version.len()) {
            return Err(ServiceError::Version(options.version));
        }
        options.faults.check()?;
        let wanted = SocketAddr::new(options.address, options.port);
        let refused = |source| ServiceError::Listen { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address, options })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown`, or until a crash fault strikes.
    pub async fn run(self, shutdown: CancellationToken) -> Ended {
        let drain = self.options.drain;
        let state = Arc::new(State::new(self.options, shutdown.clone()));
        let mut connections = JoinSet::new();
        let mut crash_timer = pin!(crash_timer(state.clone()));
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = state.crash.cancelled() => return Ended::Crashed,
                () = &mut crash_timer => return Ended::Crashed,
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = self.listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                    Ok((stream, peer)) => { connections.spawn(serve_connection(stream, peer, state.clone())); }
                    // Out of file descriptors, mostly: give connections time to end.
                    Err(_) => sleep(Duration::from_millis(20)).await,
                },
            }
        }
        drop(self.listener);
        // What does not end in time, such as hanging requests, is torn when the set is dropped.
        let _torn = timeout(drain, async { while connections.join_next().await.is_some() {} }).await;
        Ended::Stopped
    }
}

/// Ends when the service shall crash by the clock. Looks again now and then: faults can be changed while it runs.
async fn crash_timer(state: Arc<State>) {
    let began = tokio::time::Instant::now();
    loop {
        sleep(Duration::from_millis(50)).await;
        let limit = state.faults().crash_after_s;
        if limit.is_some_and(|seconds| began.elapsed().as_secs_f64() >= seconds) {
            return;
        }
    }
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, state: Arc<State>) {
    // Small answers must not wait for the previous one's acknowledgement.
    let _best_effort = stream.set_nodelay(true);
    let stopping = state.stopping.clone();
    let service = service_fn(move |request| {
        let state = state.clone();
        async move { state.answer(peer, request).await }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // Errors are the client's leaving; there is nobody to tell.
    let _left = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
}
