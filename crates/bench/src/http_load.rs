//! Real HTTP for the benchmarks of the edge: a trivial instance, and keep-alive clients that cost little themselves.

use std::{convert::Infallible, io, net::SocketAddr, thread};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header::HeaderValue, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Runs a future on a thread of its own, with a runtime of its own. It ends with the process.
pub fn on_own_thread(name: &str, future: impl Future<Output = ()> + Send + 'static) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let started = thread::Builder::new().name(name.to_owned()).spawn(move || runtime.block_on(future));
    started.expect("a thread starts");
}

/// An instance that answers every request with its version at once; returns its address.
pub fn trivial_instance(version: &'static str) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket can be made nonblocking");
    let address = listener.local_addr().expect("a bound socket has an address");
    on_own_thread("instance", async move {
        let listener = TcpListener::from_std(listener).expect("a listening socket");
        loop {
            let (stream, _) = listener.accept().await.expect("the benchmark opens few connections");
            stream.set_nodelay(true).expect("TCP has no-delay");
            tokio::spawn(async move {
                let answer = service_fn(move |_request: Request<Incoming>| async move {
                    let mut response =
                        Response::new(Full::new(Bytes::from_static(b"hello from the instance\n")));
                    response.headers_mut().insert("x-instance", HeaderValue::from_static(version));
                    Ok::<_, Infallible>(response)
                });
                let connection = hyper::server::conn::http1::Builder::new();
                let _ended = connection.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    address
}

/// A keep-alive client that reads no more of HTTP than it must, so that it measures the other side.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: bench.test\r\naccept: */*\r\n\r\n";

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4_096) })
    }

    /// One request; the whole answer, as text. Anything but 200 with a content length is an error.
    pub async fn get(&mut self) -> io::Result<&[u8]> {
        self.stream.write_all(REQUEST).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(length) = answer_length(&self.buffer)?
                && self.buffer.len() >= length
            {
                return Ok(&self.buffer);
            }
        }
    }
}

/// The length of the whole answer, once its head is there.
fn answer_length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(head_end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..head_end]).map_err(io::Error::other)?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(head.to_owned()));
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.map(|length| Some(head_end + 4 + length)).ok_or_else(|| io::Error::other("no content-length"))
}
