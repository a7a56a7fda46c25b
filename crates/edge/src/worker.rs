//! A thread that carries traffic, with a runtime of its own: a connection, its requests and the connections to the
//! instances that answer them live on one thread and never wake another.

use std::{
    convert::Infallible,
    net::{IpAddr, TcpStream as StdTcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use hyper::{Request, body::Incoming, server::conn::http1::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, mpsc},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{EdgeError, clock, control::Control, proxy::Proxy};

/// How often idle connections to instances are looked through.
const PRUNE_EVERY: Duration = Duration::from_millis(500);

/// What is counted about connections.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) connections: AtomicU64,
}

/// A user's connection on its way to a worker.
pub(crate) struct Arrival {
    pub(crate) stream: StdTcpStream,
    pub(crate) client: IpAddr,
    pub(crate) permit: OwnedSemaphorePermit,
}

/// One thread's share of the work.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) control: Arc<Control>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) stopping: CancellationToken,
}

impl Worker {
    /// Starts the thread. It ends when `stopping` is cancelled and its open requests are answered, or cut.
    pub(crate) fn spawn(
        self,
        arrivals: mpsc::UnboundedReceiver<Arrival>,
    ) -> Result<thread::JoinHandle<()>, EdgeError> {
        let name = format!("edge-worker-{}", self.proxy.worker);
        let failed = |source| EdgeError::Thread { name: name.clone(), source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let carry = move || runtime.block_on(self.carry(arrivals));
        thread::Builder::new().name(name.clone()).spawn(carry).map_err(failed)
    }

    async fn carry(self, mut arrivals: mpsc::UnboundedReceiver<Arrival>) {
        let connections = TaskTracker::new();
        let mut builder = Builder::new();
        let Proxy { options, .. } = &*self.proxy;
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(options.timeouts.client_head)
            .max_buf_size(options.limits.head_bytes.max(8_192));
        // A token per worker: its lock is taken with every wake-up of a connection.
        let stopping = self.stopping.child_token();
        let mut prune = tokio::time::interval(PRUNE_EVERY);
        loop {
            tokio::select! {
                arrival = arrivals.recv() => match arrival {
                    Some(arrival) => {
                        connections.spawn(self.serve(arrival, builder.clone(), stopping.clone()));
                    }
                    None => break,
                },
                _ = prune.tick() => self.prune(),
                () = stopping.cancelled() => break,
            }
        }
        let finished = async {
            connections.close();
            connections.wait().await;
            self.proxy.tunnels.close();
            self.proxy.tunnels.wait().await;
        };
        if timeout(options.drain, finished).await.is_err() {
            let left = connections.len() + self.proxy.tunnels.len();
            tracing::warn!(left, "open requests are cut: the drain time is over");
        }
    }

    fn prune(&self) {
        let now = clock::now();
        for upstream in self.control.upstreams() {
            upstream.prune(self.proxy.worker, now, self.proxy.options.timeouts.upstream_idle);
        }
    }

    fn serve(
        &self,
        arrival: Arrival,
        builder: Builder,
        stopping: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        let (proxy, gauges) = (Arc::clone(&self.proxy), Arc::clone(&self.gauges));
        async move {
            let Arrival { stream, client, permit } = arrival;
            let Ok(stream) = TcpStream::from_std(stream) else { return };
            gauges.connections.fetch_add(1, Ordering::Relaxed);
            let service = service_fn(move |request: Request<Incoming>| {
                let proxy = Arc::clone(&proxy);
                async move { Ok::<_, Infallible>(proxy.answer(client, request).await) }
            });
            let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                // How a user's connection ends is the user's business.
                _ended = connection.as_mut() => {}
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ended = connection.await;
                }
            }
            gauges.connections.fetch_sub(1, Ordering::Relaxed);
            drop(permit);
        }
    }
}
