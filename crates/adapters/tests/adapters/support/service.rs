//! A small service that counts what it answers: in this process for routers, in one of its own for workloads.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ripcord_engine::Instance;

/// A version that runs in this process.
pub struct Service {
    pub version: &'static str,
    pub address: SocketAddr,
    answered: Arc<AtomicU64>,
}

impl Service {
    pub fn start(version: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answered = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&answered);
        std::thread::spawn(move || serve(listener, version.to_owned(), "200 OK", count));
        Self { version, address, answered }
    }

    /// How many requests it has answered.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    pub fn instance(&self) -> Instance {
        Instance { version: self.version.parse().unwrap(), address: self.address }
    }
}

/// Answers every request with the version until the process ends. `/slow` takes 700 ms.
pub fn serve(listener: TcpListener, version: String, status: &'static str, answered: Arc<AtomicU64>) {
    for stream in listener.incoming().flatten() {
        let (version, answered) = (version.clone(), Arc::clone(&answered));
        std::thread::spawn(move || answer(stream, &version, status, &answered));
    }
}

fn answer(stream: TcpStream, version: &str, status: &str, answered: &AtomicU64) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        answered.fetch_add(1, Ordering::SeqCst);
        if head.starts_with("GET /slow") {
            std::thread::sleep(Duration::from_millis(700));
        }
        // In one piece: two small writes would wait for each other's acknowledgement.
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{version}", version.len());
        writer.write_all(answer.as_bytes()).ok()?;
    }
}
