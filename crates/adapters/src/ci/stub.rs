//! A small server with a state that speaks GitHub's and GitLab's protocols as they are documented: pages, tokens, what is
//! not there. It can also go wrong in the ways that they do.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What a test reports about.
pub(super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// A variable that every test has, and the token it holds for the stub.
pub(super) const TOKEN: &str = "env:CARGO_PKG_NAME";
const TOKEN_VALUE: &str = env!("CARGO_PKG_NAME");

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub(super) enum Fault {
    #[default]
    None,
    /// Answers with a status and headers.
    Refuse(u16, Vec<(&'static str, String)>),
    /// Answers 200 with this.
    Say(String),
    /// Listens and never answers.
    Hang,
    /// Answers about another commit.
    OtherCommit,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// GitHub: context and state; GitLab: name, status, and whether it may fail.
    pub(super) statuses: Vec<(String, String, bool)>,
    /// Name, status, conclusion.
    pub(super) runs: Vec<(String, String, Option<String>)>,
    pub(super) needs_token: bool,
    /// Announces more reports than it shows.
    pub(super) announces: usize,
    pub(super) fault: Fault,
    /// Paths with queries, as they were asked.
    pub(super) asked: Vec<String>,
}

pub(super) struct Stub {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Stub {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, state }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn status(&self, name: &str, status: &str) -> &Self {
        self.state().statuses.push((name.to_owned(), status.to_owned(), false));
        self
    }

    pub(super) fn run(&self, name: &str, status: &str, conclusion: Option<&str>) -> &Self {
        self.state().runs.push((name.to_owned(), status.to_owned(), conclusion.map(str::to_owned)));
        self
    }
}

struct Asked {
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
}

impl Asked {
    fn number(&self, key: &str, default: usize) -> usize {
        self.query.get(key).and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}

type Reply = (u16, Vec<(&'static str, String)>, String);

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read_exact(&mut byte).await.is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let asked = parse(&String::from_utf8(head).unwrap());
    let Some((status, headers, body)) = reply(&asked, &mut state.lock().unwrap()) else {
        return std::future::pending().await;
    };
    let mut text = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes()).await;
}

fn parse(head: &str) -> Asked {
    let mut lines = head.lines();
    let target = lines.next().unwrap().split(' ').nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let headers = lines.filter_map(|line| line.split_once(": "));
    Asked {
        path: path.to_owned(),
        query: pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
    }
}

/// `None`: never.
fn reply(asked: &Asked, state: &mut State) -> Option<Reply> {
    state.asked.push(format!("{}?page={}", asked.path, asked.number("page", 1)));
    let json =
        |value: Value| Some((200, vec![("content-type", "application/json".to_owned())], value.to_string()));
    let refuse = |status: u16| Some((status, Vec::new(), json!({ "message": "no" }).to_string()));
    match &state.fault {
        Fault::Hang => return None,
        Fault::Refuse(status, headers) => return Some((*status, headers.clone(), "{}".to_owned())),
        Fault::Say(text) => return Some((200, Vec::new(), text.clone())),
        Fault::None | Fault::OtherCommit => {}
    }
    let is_github = asked.path.starts_with("/repos/");
    let token = if is_github {
        asked.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "))
    } else {
        asked.headers.get("private-token").map(String::as_str)
    };
    if token.is_some_and(|token| token != TOKEN_VALUE) {
        return refuse(401);
    }
    // Both show nothing private to whoever brings no token, not even that it is there.
    if state.needs_token && token.is_none() {
        return refuse(404);
    }
    if is_github && !asked.headers.contains_key("user-agent") {
        return refuse(403);
    }
    let sha = if matches!(state.fault, Fault::OtherCommit) { "f".repeat(40) } else { COMMIT.to_owned() };
    let of = |what: &str| format!("/repos/exams/exams/commits/{COMMIT}/{what}");
    if asked.path == of("status") {
        let (page, total) = page(asked, &state.statuses);
        let listed: Vec<Value> =
            page.iter().map(|(context, state, _)| json!({ "context": context, "state": state })).collect();
        return json(
            json!({ "sha": sha, "total_count": total + state.announces, "statuses": listed, "state": "success" }),
        );
    }
    if asked.path == of("check-runs") {
        let (page, total) = page(asked, &state.runs);
        let listed: Vec<Value> = page
            .iter()
            .map(|(name, status, conclusion)| {
                json!({ "name": name, "head_sha": sha, "status": status, "conclusion": conclusion })
            })
            .collect();
        return json(json!({ "total_count": total, "check_runs": listed }));
    }
    if asked.path == format!("/api/v4/projects/exams%2Fexams/repository/commits/{COMMIT}/statuses") {
        let (listed, total) = page(asked, &state.statuses);
        let (number, per_page) = (asked.number("page", 1), asked.number("per_page", 20));
        let next = if number * per_page < total { (number + 1).to_string() } else { String::new() };
        let listed: Vec<Value> = listed
            .iter()
            .map(|(name, status, may_fail)| {
                json!({ "sha": sha, "name": name, "status": status, "allow_failure": may_fail })
            })
            .collect();
        return Some((200, vec![("x-next-page", next)], Value::from(listed).to_string()));
    }
    refuse(404)
}

fn page<'s, T>(asked: &Asked, all: &'s [T]) -> (&'s [T], usize) {
    let (number, per_page) = (asked.number("page", 1), asked.number("per_page", 30).min(100));
    let from = ((number - 1) * per_page).min(all.len());
    (&all[from..(from + per_page).min(all.len())], all.len())
}
