//! A small real HTTP server whose `/metrics` the test controls.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How it answers.
#[derive(Debug, Clone)]
pub enum Mode {
    /// 200 with this text.
    Text(String),
    /// Another status with this text.
    Status(u16, String),
    /// 200 with bytes that are no text.
    Bytes(Vec<u8>),
    /// 200 with protobuf.
    Protobuf(Vec<u8>),
    /// Never.
    Hang,
}

/// One instance of a service.
pub struct Exposer {
    pub address: SocketAddr,
    mode: Arc<Mutex<Mode>>,
    task: Option<JoinHandle<()>>,
}

impl Exposer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = Arc::new(Mutex::new(Mode::Text(String::new())));
        let task = Some(tokio::spawn(serve(listener, Arc::clone(&mode))));
        Self { address, mode, task }
    }

    pub fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    pub fn expose(&self, text: impl Into<String>) {
        self.set(Mode::Text(text.into()));
    }

    /// Connections are refused from here on.
    pub async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Answers again at the same address.
    pub async fn restart(&mut self) {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = Some(tokio::spawn(serve(listener, Arc::clone(&self.mode))));
    }
}

impl Drop for Exposer {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

async fn serve(listener: TcpListener, mode: Arc<Mutex<Mode>>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let mode = mode.lock().unwrap().clone();
            tokio::spawn(answer(stream, mode));
        }
    }
}

async fn answer(mut stream: TcpStream, mode: Mode) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&chunk[..read]),
        }
    }
    const TEXT: &str = "text/plain; version=0.0.4";
    const PROTOBUF: &str =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
    let (status, kind, body) = match mode {
        Mode::Text(text) => (200, TEXT, text.into_bytes()),
        Mode::Status(status, text) => (status, TEXT, text.into_bytes()),
        Mode::Bytes(bytes) => (200, TEXT, bytes),
        Mode::Protobuf(bytes) => (200, PROTOBUF, bytes),
        Mode::Hang => {
            // Until the other side gives up.
            let _ = stream.read(&mut chunk).await;
            return;
        }
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body).await;
    let _ = stream.shutdown().await;
}
