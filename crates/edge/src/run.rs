//! Starting, accepting, stopping.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
    sync::{Semaphore, mpsc},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    EdgeError, Options,
    admin::{self, Admin},
    control::Control,
    proxy::{Proxy, Refusals},
    routing::Router,
    state::{EdgeFile, StateDir},
    worker::{Arrival, Gauges, Worker},
};

const BACKLOG: u32 = 4_096;

/// Serves until `shutdown` completes; then stops accepting, finishes open requests within the drain time, and returns.
pub async fn run(options: Options, shutdown: impl Future<Output = ()>) -> Result<(), EdgeError> {
    Edge::bind(options)?.serve(shutdown).await
}

/// Completes when the process is asked to end by SIGTERM or SIGINT.
pub async fn terminated() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be listened to; only kill -9 will end this process");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// An edge that has its addresses and its split, and serves neither yet.
#[derive(Debug)]
pub struct Edge {
    options: Arc<Options>,
    router: Arc<Router>,
    control: Arc<Control>,
    listener: TcpListener,
    admin_listener: std::net::TcpListener,
    addresses: EdgeFile,
}

impl Edge {
    /// Claims the state directory, restores the split, binds both addresses and announces them in `edge.json`.
    /// Must be called inside a tokio runtime.
    pub fn bind(options: Options) -> Result<Self, EdgeError> {
        let admin = options.admin.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        if !admin.ip().to_canonical().is_loopback() {
            return Err(EdgeError::AdminNotLoopback(admin));
        }
        let state = StateDir::open(&options.state_dir)?;
        let router = Arc::new(Router::default());
        let control =
            Control::restore(Arc::clone(&router), state, options.drain, options.limits.worker_count())?;
        let listen_failed = |source| EdgeError::Listen { address: options.listen, source };
        let admin_failed = |source| EdgeError::AdminListen { address: admin, source };
        let listener = bind(options.listen).map_err(listen_failed)?;
        let admin_listener = bind(admin).and_then(TcpListener::into_std).map_err(admin_failed)?;
        let addresses = EdgeFile {
            pid: std::process::id(),
            listen: listener.local_addr().map_err(listen_failed)?,
            admin: admin_listener.local_addr().map_err(admin_failed)?,
        };
        control.state().announce(&addresses)?;
        Ok(Self {
            options: Arc::new(options),
            router,
            control: Arc::new(control),
            listener,
            admin_listener,
            addresses,
        })
    }

    /// Where users connect.
    pub fn listen_address(&self) -> SocketAddr {
        self.addresses.listen
    }

    /// Where the admin API answers.
    pub fn admin_address(&self) -> SocketAddr {
        self.addresses.admin
    }

    /// Serves until `shutdown` completes; then stops accepting, finishes open requests within the drain time, and
    /// returns.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), EdgeError> {
        let Self { options, router, control, listener, admin_listener, addresses } = self;
        let (refusals, gauges) = (Arc::new(Refusals::default()), Arc::new(Gauges::default()));
        let stopping = CancellationToken::new();
        // Whatever ends this future ends the threads.
        let stop_threads = stopping.clone().drop_guard();
        let mut workers = Vec::new();
        let mut threads = Vec::new();
        for worker in 0..options.limits.worker_count() {
            let (sender, arrivals) = mpsc::unbounded_channel();
            let proxy = Proxy {
                options: Arc::clone(&options),
                router: Arc::clone(&router),
                refusals: Arc::clone(&refusals),
                tunnels: TaskTracker::new(),
                worker,
            };
            let (control, gauges) = (Arc::clone(&control), Arc::clone(&gauges));
            let worker = Worker { proxy: Arc::new(proxy), control, gauges, stopping: stopping.clone() };
            threads.push(worker.spawn(arrivals)?);
            workers.push(sender);
        }
        let admin_stopping = CancellationToken::new();
        let stop_admin = admin_stopping.clone().drop_guard();
        let admin = Admin { control: Arc::clone(&control), refusals, gauges };
        let admin_thread = admin::spawn(admin_listener, Arc::new(admin), admin_stopping)?;
        tracing::info!(listen = %addresses.listen, admin = %addresses.admin, "edge serves");
        let ended = tokio::select! {
            error = accept(&listener, &workers, options.limits.connections) => Err(error),
            () = shutdown => Ok(()),
        };
        drop(listener);
        tracing::info!("edge stops: open requests finish");
        drop(stop_threads);
        join(threads).await;
        // The admin API answers to the last request, so that a way back is never refused by an edge that still serves.
        drop(stop_admin);
        join(vec![admin_thread]).await;
        tracing::info!("edge has stopped");
        ended
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // After a kill, the port is free at once, whatever its last connections are doing.
    socket.set_reuseaddr(true)?;
    // Inherited by accepted connections: users that vanish without a word are noticed even inside a tunnel.
    socket.set_keepalive(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Hands connections to the workers in turn. Returns only when one of them is gone.
async fn accept(
    listener: &TcpListener,
    workers: &[mpsc::UnboundedSender<Arrival>],
    limit: usize,
) -> EdgeError {
    let permits = Arc::new(Semaphore::new(limit));
    let mut next = workers.iter().cycle();
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await.expect("the semaphore is never closed");
        let accepted = listener.accept().await.and_then(|(stream, client)| {
            stream.set_nodelay(true)?;
            Ok(Arrival { stream: stream.into_std()?, client: client.ip(), permit })
        });
        match accepted {
            Ok(arrival) => {
                let worker = next.next().expect("there is at least one worker");
                if worker.send(arrival).is_err() {
                    let source = std::io::Error::other("it has ended, which it never should");
                    return EdgeError::Thread { name: "worker".to_owned(), source };
                }
            }
            Err(error) => {
                // Out of files, or a client that left while it waited: neither may end the edge.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

async fn join(threads: Vec<thread::JoinHandle<()>>) {
    let joined = tokio::task::spawn_blocking(move || threads.into_iter().all(|thread| thread.join().is_ok()));
    if !joined.await.unwrap_or(false) {
        tracing::error!("a thread of the edge panicked");
    }
}
