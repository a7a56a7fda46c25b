//! Receivers of messages that write down what arrived and when, and can be told to fail: one HTTP server that is a Slack,
//! a PagerDuty, a status page and a webhook by its paths, and one mail server.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// How a receiver takes what arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As the real one.
    Well,
    /// It closes the connection without an answer.
    Down,
    /// It never answers.
    Slow,
    /// It answers 200, with an error in the body.
    SaysNo,
    /// It asks to be left alone for a second.
    Busy,
}

/// Something that arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Milliseconds since 1970.
    pub at: i64,
    /// `POST /slack`, or `MAIL`.
    pub what: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// How it was taken.
    pub manner: Manner,
}

impl Arrival {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Kept {
    arrivals: Vec<Arrival>,
    manners: BTreeMap<String, Manner>,
    incidents: Vec<Value>,
}

/// The receivers of one test. They end with the test's runtime.
#[derive(Clone)]
pub struct Receivers {
    pub http: SocketAddr,
    pub mail: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

impl Receivers {
    /// All of them, taking everything well.
    pub async fn start() -> Self {
        let (web, post) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let kept = Arc::new(Mutex::new(Kept::default()));
        let receivers = Self {
            http: web.local_addr().unwrap(),
            mail: post.local_addr().unwrap(),
            kept: Arc::clone(&kept),
        };
        let (for_web, for_mail) = (receivers.clone(), receivers.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = web.accept().await {
                tokio::spawn(answer(stream, for_web.clone()));
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = post.accept().await {
                tokio::spawn(take_mail(stream, for_mail.clone()));
            }
        });
        receivers
    }

    /// From now on what arrives at `which` (`slack`, `pagerduty`, `statuspage`, `hook`, `mail`) is taken like this.
    pub fn become_(&self, which: &str, manner: Manner) {
        self.kept.lock().unwrap().manners.insert(which.to_owned(), manner);
    }

    /// The same for all of them.
    pub fn all_become(&self, manner: Manner) {
        for which in ["slack", "pagerduty", "statuspage", "hook", "mail"] {
            self.become_(which, manner);
        }
    }

    /// What arrived at `which` and was taken.
    pub fn taken(&self, which: &str) -> Vec<Arrival> {
        let kept = self.kept.lock().unwrap();
        let is_it = |arrival: &&Arrival| place(&arrival.what) == which && arrival.manner == Manner::Well;
        let writes = |arrival: &&Arrival| !arrival.what.starts_with("GET ");
        kept.arrivals.iter().filter(is_it).filter(writes).cloned().collect()
    }

    /// How often `which` was tried, well or not.
    pub fn tried(&self, which: &str) -> usize {
        let kept = self.kept.lock().unwrap();
        kept.arrivals.iter().filter(|arrival| place(&arrival.what) == which).count()
    }

    /// Everything that arrived, as text.
    pub fn everything(&self) -> String {
        format!("{:#?}", self.kept.lock().unwrap().arrivals)
    }

    /// The incidents of the status page.
    pub fn incidents(&self) -> Vec<Value> {
        self.kept.lock().unwrap().incidents.clone()
    }

    fn manner(&self, which: &str) -> Manner {
        self.kept.lock().unwrap().manners.get(which).copied().unwrap_or(Manner::Well)
    }

    fn keep(&self, what: &str, headers: BTreeMap<String, String>, body: &str, manner: Manner) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let arrival = Arrival {
            at: i64::try_from(at).unwrap(),
            what: what.to_owned(),
            headers,
            body: body.to_owned(),
            manner,
        };
        self.kept.lock().unwrap().arrivals.push(arrival);
    }

    fn statuspage(&self, what: &str, body: &str) -> Value {
        let mut kept = self.kept.lock().unwrap();
        let (method, path) = what.split_once(' ').unwrap();
        if method == "GET" {
            return kept
                .incidents
                .iter()
                .filter(|incident| incident["status"] != "resolved")
                .cloned()
                .collect();
        }
        let asked = serde_json::from_str::<Value>(body).unwrap()["incident"].clone();
        if method == "POST" {
            let mut incident = asked;
            incident["id"] = json!(format!("inc{}", kept.incidents.len()));
            kept.incidents.push(incident.clone());
            return incident;
        }
        let id = path.rsplit('/').next().unwrap();
        let incident = kept.incidents.iter_mut().find(|incident| incident["id"] == id).expect("it is there");
        incident.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        incident.clone()
    }
}

fn place(what: &str) -> &'static str {
    if what == "MAIL" {
        "mail"
    } else if what.ends_with("/slack") {
        "slack"
    } else if what.ends_with("/v2/enqueue") {
        "pagerduty"
    } else if what.contains("/v1/pages/") {
        "statuspage"
    } else {
        "hook"
    }
}

async fn answer(mut stream: TcpStream, receivers: Receivers) {
    let Some((what, headers, body)) = read(&mut stream).await else { return };
    let which = place(&what);
    let manner = receivers.manner(which);
    receivers.keep(&what, headers, &body, manner);
    let (status, said) = match (manner, which) {
        (Manner::Down, _) => return,
        (Manner::Slow, _) => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return;
        }
        (Manner::Busy, _) => ("429 Too Many Requests\r\nretry-after: 1", "slow down".to_owned()),
        (Manner::SaysNo, "slack") => {
            ("200 OK", "{\"ok\":false,\"error\":\"channel_is_archived\"}".to_owned())
        }
        (Manner::SaysNo, "pagerduty") => ("200 OK", "{\"status\":\"invalid event\"}".to_owned()),
        (Manner::SaysNo, _) => ("200 OK", "{\"error\":\"not today\"}".to_owned()),
        (Manner::Well, "slack") => ("200 OK", "ok".to_owned()),
        (Manner::Well, "pagerduty") => ("202 Accepted", "{\"status\":\"success\"}".to_owned()),
        (Manner::Well, "statuspage") => ("200 OK", receivers.statuspage(&what, &body).to_string()),
        (Manner::Well, _) => ("204 No Content", String::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", said.len());
    // A sender that has left is its own business.
    let _sent = stream.write_all((head + &said).as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<(String, BTreeMap<String, String>, String)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).await.ok().filter(|count| *count > 0)?;
    let what = first.rsplit_once(" HTTP/").map_or(first.as_str(), |(what, _)| what).to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    Some((what, headers, String::from_utf8(body).unwrap()))
}

/// As much SMTP (RFC 5321) as one mail needs.
async fn take_mail(stream: TcpStream, receivers: Receivers) {
    let manner = receivers.manner("mail");
    let mut stream = BufReader::new(stream);
    match manner {
        Manner::Down => return,
        Manner::Slow => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return;
        }
        Manner::Well | Manner::SaysNo | Manner::Busy => {}
    }
    let mut say = b"220 receiver\r\n".to_vec();
    loop {
        if stream.get_mut().write_all(&say).await.is_err() {
            return;
        }
        let mut line = String::new();
        if !stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
            return;
        }
        let verb = line.get(..4).unwrap_or_default().to_uppercase();
        say = match verb.as_str() {
            "EHLO" => b"250-receiver\r\n250 8BITMIME\r\n".to_vec(),
            "DATA" => {
                let _ = stream.get_mut().write_all(b"354 go on\r\n").await;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    if !stream.read_line(&mut mail).await.is_ok_and(|count| count > 0) {
                        return;
                    }
                }
                // Lines that the sender broke to keep them short are one.
                receivers.keep("MAIL", BTreeMap::new(), &mail.replace("=\r\n", ""), manner);
                match manner {
                    Manner::Busy | Manner::SaysNo => b"451 not now\r\n".to_vec(),
                    Manner::Well | Manner::Down | Manner::Slow => b"250 taken\r\n".to_vec(),
                }
            }
            "QUIT" => b"221 bye\r\n".to_vec(),
            _ => b"250 ok\r\n".to_vec(),
        };
    }
}
