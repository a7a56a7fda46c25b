//! A service in this process, and plain HTTP to ask it with.

use std::net::SocketAddr;

use exam_service::service::{Ended, Options, Service};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A running service; stopped when dropped.
pub struct Running {
    pub address: SocketAddr,
    pub ended: JoinHandle<Ended>,
    pub stop: DropGuard,
}

pub async fn start(options: Options) -> Running {
    let service = Service::bind(options).await.expect("a free port");
    let address = service.address();
    let shutdown = CancellationToken::new();
    let ended = tokio::spawn(service.run(shutdown.clone()));
    Running { address, ended, stop: shutdown.drop_guard() }
}

/// Status and everything after it. Status 0: no answer.
pub async fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("the service listens");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("the service reads");
    let mut answer = String::new();
    // A crash tears the connection: no answer is an answer here.
    let _torn = stream.read_to_string(&mut answer).await;
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

pub const GOOD: &str = r#"{"answers":{"q1":"42"}}"#;
