//! Users: keep-alive connections that ask and note who answered.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// One keep-alive connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks once and returns the body, which is the version that answered.
    pub fn ask(&mut self, path: &str) -> std::io::Result<String> {
        let question = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        self.stream.get_mut().write_all(question.as_bytes())?;
        let (mut length, mut line, mut ok) = (0, String::new(), false);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let lower = line.to_ascii_lowercase();
            ok |= lower.starts_with("http/1.1 200");
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        if ok { Ok(body) } else { Err(std::io::Error::other(format!("not 200: {body}"))) }
    }
}

/// Asks `count` times over a few connections; how often each version answered.
pub fn sample(address: SocketAddr, count: u32) -> BTreeMap<String, u32> {
    let mut seen = BTreeMap::new();
    let mut connections: Vec<_> = (0..4).map(|_| Connection::open(address).unwrap()).collect();
    for number in 0..count {
        let connection = &mut connections[number as usize % 4];
        let version = connection.ask("/").unwrap_or_else(|_| {
            *connection = Connection::open(address).unwrap();
            connection.ask("/").unwrap()
        });
        *seen.entry(version).or_default() += 1;
    }
    seen
}

/// Users that ask all the time until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    threads: Vec<JoinHandle<u64>>,
}

impl Load {
    pub fn start(address: SocketAddr, users: usize) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let user = |_| {
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            std::thread::spawn(move || {
                let (mut failed, mut connection) = (0, None);
                while !stop.load(Ordering::SeqCst) {
                    let asked = match connection.take() {
                        Some(open) => Ok(open),
                        None => Connection::open(address),
                    };
                    match asked.and_then(|mut open| open.ask("/").map(|_| open)) {
                        Ok(open) => {
                            answered.fetch_add(1, Ordering::SeqCst);
                            connection = Some(open);
                        }
                        Err(_) => failed += 1,
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
                failed
            })
        };
        let threads = (0..users).map(user).collect();
        Self { stop, answered, threads }
    }

    /// Answers so far.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    /// Stops the users; how many requests failed.
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        self.threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    }
}
