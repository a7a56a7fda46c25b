//! A real edge, real instances behind it and a keep-alive client in front of it, all on loopback.
#![expect(dead_code, reason = "every test file uses its own part of this")]

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, StatusCode, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use ripcord_edge::{Edge, Options};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::oneshot, task::JoinHandle};

pub mod upstream;

/// What a client got.
#[derive(Debug, Clone)]
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn version(&self) -> &str {
        self.header("x-ripcord-version")
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One keep-alive connection.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self { sender: Self::open(address).await, address }
    }

    async fn open(address: SocketAddr) -> SendRequest<Full<Bytes>> {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    pub async fn get(&mut self, path: &str) -> Got {
        self.send("GET", path, &[], "").await.unwrap()
    }

    pub async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Got {
        self.send("GET", path, headers, "").await.unwrap()
    }

    /// Opens a new connection only when the server has closed the old one after an answer, as a browser does.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Got, hyper::Error> {
        if self.sender.ready().await.is_err() {
            self.sender = Self::open(self.address).await;
        }
        let mut request = Request::builder().method(method).uri(path).header("host", "exams.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.sender.send_request(request.body(Full::new(body.into())).unwrap()).await?;
        let (head, body) = response.into_parts();
        Ok(Got { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }
}

/// An edge inside this process.
pub struct TestEdge {
    pub listen: SocketAddr,
    pub admin: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

pub fn options(state_dir: &Path) -> Options {
    let mut options = Options::new("127.0.0.1:0".parse().unwrap(), state_dir);
    options.drain = Duration::from_secs(5);
    options.limits.workers = 2;
    options
}

impl TestEdge {
    pub async fn start(options: Options) -> Self {
        let edge = Edge::bind(options).unwrap();
        let (listen, admin) = (edge.listen_address(), edge.admin_address());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            edge.serve(async { stopped.await.unwrap_or(()) }).await.unwrap();
        });
        Self { listen, admin, stop: Some(stop), running }
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.listen).await
    }

    /// Asks it to stop, as SIGTERM does, and waits for that.
    pub async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.running.await.unwrap();
    }

    /// `put(&[("v2", "10%", &[address]), …])`
    pub async fn put(&self, generation: u64, split: &[(&str, &str, &[SocketAddr])]) -> Got {
        put(self.admin, &split_json(generation, split)).await
    }

    pub async fn split(&self) -> Value {
        Client::connect(self.admin).await.get("/v1/split").await.json()
    }

    pub async fn metrics(&self) -> String {
        Client::connect(self.admin).await.get("/metrics").await.text().to_owned()
    }
}

pub fn split_json(generation: u64, split: &[(&str, &str, &[SocketAddr])]) -> Value {
    let weights: Vec<_> = split.iter().map(|(version, share, _)| json!([version, share])).collect();
    let instances: Vec<_> = split
        .iter()
        .flat_map(|(version, _, addresses)| {
            addresses.iter().map(move |address| json!({ "version": version, "address": address }))
        })
        .collect();
    json!({ "generation": generation, "weights": weights, "instances": instances })
}

pub async fn put(admin: SocketAddr, body: &Value) -> Got {
    Client::connect(admin).await.send("PUT", "/v1/split", &[], body.to_string()).await.unwrap()
}

/// Asks until the answer is yes; fails after ten seconds.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition().await {
        assert!(Instant::now() < deadline, "not within ten seconds: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
