//! Plain HTTP by hand: what a client may send is not limited to what a good client sends.

use std::{net::SocketAddr, path::Path, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    /// 0 when there was none.
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The `code` of a failure.
    pub fn code(&self) -> String {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A request with its own connection. `headers` are whole lines.
pub fn request(method: &str, path: &str, headers: &[&str], body: &str) -> String {
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "host: x".into(), "connection: close".into()];
    lines.extend(headers.iter().map(|line| (*line).to_owned()));
    if !body.is_empty() {
        lines.push(format!("content-length: {}", body.len()));
    }
    format!("{}\r\n\r\n{body}", lines.join("\r\n"))
}

pub async fn by_unix(path: &Path, request: &str) -> Answer {
    exchange(UnixStream::connect(path).await.expect("the server listens"), request).await
}

pub async fn by_tcp(address: SocketAddr, request: &str) -> Answer {
    exchange(TcpStream::connect(address).await.expect("the server listens"), request).await
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Answer {
    // A server that refuses early closes while we still send.
    let _refused_early = stream.write_all(request.as_bytes()).await;
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    let _torn = read.expect("an answer within 10 s");
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}
