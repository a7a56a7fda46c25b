//! An instance of a version, as small as it can be and as odd as a test needs it.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full, channel::Channel, combinators::BoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::{Frame, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
    task::JoinSet,
};

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// One instance.
pub struct Upstream {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    tasks: JoinSet<()>,
}

#[derive(Default)]
pub struct Seen {
    pub requests: AtomicU64,
    pub connections: AtomicU64,
    /// `/wait` answers when this is notified.
    pub release: Notify,
    /// Requests that have arrived at `/wait`.
    pub waiting: AtomicU64,
    /// Connections that are open now.
    pub open: AtomicU64,
    /// Bytes of bodies received so far.
    pub received: AtomicU64,
}

impl Upstream {
    pub async fn start(version: &'static str) -> Self {
        Self::start_at(version, "127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn start_at(version: &'static str, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, version, Arc::clone(&seen)));
        Self { address, seen, tasks }
    }

    /// Closes its listener and every connection, as a killed process does, and waits until they are closed.
    pub async fn crash(mut self) {
        self.tasks.shutdown().await;
        super::eventually("its connections are closed", async || self.seen.open.load(Ordering::SeqCst) == 0)
            .await;
    }

    pub fn requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst)
    }

    pub fn waiting(&self) -> u64 {
        self.seen.waiting.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, version: &'static str, seen: Arc<Seen>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let open = Open::new(&seen);
        let seen = Arc::clone(&seen);
        let service = service_fn(move |request| {
            let seen = Arc::clone(&seen);
            async move { Ok::<_, Infallible>(answer(request, version, seen).await) }
        });
        connections.spawn(async move {
            // Declared before the stream's new owner, so dropped after it.
            let _open = open;
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            let _ended = connection.with_upgrades().await;
        });
    }
}

struct Open(Arc<Seen>);

impl Open {
    fn new(seen: &Arc<Seen>) -> Self {
        seen.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(seen))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn text(body: impl Into<Bytes>) -> Answer {
    Response::new(Full::new(body.into()).map_err(|never| match never {}).boxed())
}

async fn answer(mut request: Request<Incoming>, version: &'static str, seen: Arc<Seen>) -> Answer {
    seen.requests.fetch_add(1, Ordering::SeqCst);
    match request.uri().path() {
        "/wait" => {
            let released = seen.release.notified();
            seen.waiting.fetch_add(1, Ordering::SeqCst);
            released.await;
            text(version)
        }
        "/never" => std::future::pending().await,
        "/stall" => stalled(),
        "/break" => panic!("an instance that dies while it answers"),
        "/error" => {
            let mut response = text("no");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
        "/head" => head_of(&request),
        "/echo" => Response::new(request.into_body().boxed()),
        "/count" => count(request.into_body(), &seen).await,
        "/ticks" => ticks(seen),
        "/ws" => {
            let upgraded = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                let mut stream = TokioIo::new(upgraded.await.unwrap());
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    stream.write_all(&buffer[..read].to_ascii_uppercase()).await.unwrap();
                }
            });
            let empty = Empty::new().map_err(|never: Infallible| match never {}).boxed();
            Response::builder()
                .status(101)
                .header("connection", "upgrade")
                .header("upgrade", "echo")
                .body(empty)
                .unwrap()
        }
        _ => text(version),
    }
}

/// The head as the instance saw it.
fn head_of(request: &Request<Incoming>) -> Answer {
    let mut lines = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        lines.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    let mut response = text(lines);
    let headers = response.headers_mut();
    headers.insert("connection", "x-mine".parse().unwrap());
    headers.insert("x-mine", "1".parse().unwrap());
    headers.insert("x-end-to-end", "1".parse().unwrap());
    response
}

async fn count(mut body: Incoming, seen: &Seen) -> Answer {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return text("broken") };
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        seen.received.fetch_add(length, Ordering::SeqCst);
    }
    text(seen.received.load(Ordering::SeqCst).to_string())
}

/// A head, one piece, then nothing.
fn stalled() -> Answer {
    let pieces = async_pieces(|position| async move {
        if position > 0 {
            std::future::pending::<()>().await;
        }
        Some(Bytes::from_static(b"first"))
    });
    Response::new(pieces)
}

/// Three pieces, each after `release` was notified.
fn ticks(seen: Arc<Seen>) -> Answer {
    Response::new(async_pieces(move |position| {
        let seen = Arc::clone(&seen);
        async move {
            if position == 3 {
                return None;
            }
            seen.waiting.fetch_add(1, Ordering::SeqCst);
            let timeout = tokio::time::timeout(Duration::from_secs(10), seen.release.notified());
            timeout.await.unwrap();
            Some(Bytes::from(format!("tick {position}\n")))
        }
    }))
}

fn async_pieces<F>(mut next: impl FnMut(usize) -> F + Send + Sync + 'static) -> BoxBody<Bytes, hyper::Error>
where
    F: Future<Output = Option<Bytes>> + Send + 'static,
{
    let (mut sender, body) = Channel::<Bytes, hyper::Error>::new(1);
    tokio::spawn(async move {
        for position in 0.. {
            let Some(piece) = next(position).await else { break };
            if sender.send(Frame::data(piece)).await.is_err() {
                break;
            }
        }
    });
    body.boxed()
}
