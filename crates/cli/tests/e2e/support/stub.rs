//! Something that answers like Prometheus, and can be told to fail: what no real server does on demand.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Counters that grow, without one error.
    Well,
    /// Status 500.
    Failing,
    /// Status 200 and nonsense.
    Garbage,
    /// Accepts, and never answers.
    Silent,
}

const MOODS: [Mood; 4] = [Mood::Well, Mood::Failing, Mood::Garbage, Mood::Silent];

/// A running stub. Ends with the test's runtime.
pub struct Stub {
    pub address: SocketAddr,
    mood: Arc<AtomicU8>,
}

impl Stub {
    /// Answers well until told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Self { address: listener.local_addr().unwrap(), mood: Arc::default() };
        tokio::spawn(serve(listener, Arc::clone(&stub.mood)));
        stub
    }

    /// From now on it is in this mood.
    pub fn become_(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::Relaxed);
    }
}

async fn serve(listener: TcpListener, mood: Arc<AtomicU8>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(answer(stream, Arc::clone(&mood)));
        while open.try_join_next().is_some() {}
    }
}

async fn answer(mut stream: TcpStream, mood: Arc<AtomicU8>) {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => head.extend_from_slice(&piece[..count]),
            Ok(_) | Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (status, body) = match MOODS[usize::from(mood.load(Ordering::Relaxed))] {
        Mood::Well => ("200 OK", counters(head.lines().next().unwrap_or_default())),
        Mood::Failing => ("500 Internal Server Error", "out of memory".to_owned()),
        Mood::Garbage => (
            "200 OK",
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[[[".to_owned(),
        ),
        Mood::Silent => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return;
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // A client that has left is its own business.
    let _sent = stream.write_all((head + &body).as_bytes()).await;
}

/// Raw samples of a counter of the asked-for version, one per second: ten submissions each, none bad.
fn counters(request: &str) -> String {
    let version = ["v1", "v2"].into_iter().find(|version| request.contains(&format!("%22{version}%22")));
    let Some(version) = version else {
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}".to_owned();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let one = |outcome: &str, per_second: u64| {
        let points: Vec<String> = (now - 20..=now)
            .map(|second| format!("[{second},\"{}\"]", second % 1_000_000 * per_second))
            .collect();
        format!(
            "{{\"metric\":{{\"__name__\":\"exam_submit_total\",\"outcome\":\"{outcome}\",\"job\":\"exams\",\
             \"instance\":\"{version}\",\"version\":\"{version}\"}},\"values\":[{}]}}",
            points.join(",")
        )
    };
    let errors = one("error", 0);
    let all = if request.contains("outcome") { errors } else { format!("{errors},{}", one("ok", 10)) };
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{all}]}}}}")
}
