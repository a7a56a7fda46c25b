//! One connection: when it sends, what it sends, when it gives up. Never asks twice for the same user's request, so
//! that what is lost on the way is seen.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{options::LoadOptions, recorder::Recorder};
use crate::{
    clock::Clock,
    draw::{Purpose, bits},
};

/// How long a connection that was refused waits before the next attempt, so that a dead target is not hammered.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(20);

/// What all connections share.
pub struct Shared {
    pub options: LoadOptions,
    pub authority: String,
    pub clock: Clock,
    pub recorder: Mutex<Recorder>,
    pub next: AtomicU64,
    pub stop: CancellationToken,
}

type Sender = SendRequest<Full<Bytes>>;

/// Takes the next request that is due, again and again. Ends by itself when the load has a duration.
pub async fn work(shared: Arc<Shared>) {
    let mut connection: Option<Sender> = None;
    loop {
        let index = shared.next.fetch_add(1, Relaxed);
        let due_us = (index as f64 * 1e6 / shared.options.rate_per_second) as u64;
        if shared.options.duration.is_some_and(|limit| u128::from(due_us) >= limit.as_micros()) {
            return;
        }
        tokio::select! {
            () = sleep_until(shared.clock.instant_at(due_us)) => {}
            () = shared.stop.cancelled() => return,
        }
        if shared.stop.is_cancelled() {
            return;
        }
        let now_us = shared.clock.elapsed_us();
        // A timer may wake a millisecond late; that is not the service's doing. A busy connection is.
        let began_us = if now_us.saturating_sub(due_us) < 2_000 { now_us } else { due_us };
        let patience = shared.options.timeout.saturating_sub(Duration::from_micros(now_us - began_us));
        let asked = timeout(patience, ask(&shared, connection.take(), index)).await;
        let ended = asked.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        connection = note(&shared, began_us, ended);
        if connection.is_none() {
            sleep(PAUSE_AFTER_REFUSAL).await;
        }
    }
}

/// What an answered request leaves behind.
struct Answered {
    sender: Sender,
    status: u16,
    version: Option<String>,
}

/// Remembers how a request ended; the connection survives an answer and nothing else.
fn note(shared: &Shared, began_us: u64, ended: Result<Answered, String>) -> Option<Sender> {
    let latency_us = shared.clock.elapsed_us() - began_us;
    let mut recorder = shared.recorder.lock().unwrap_or_else(PoisonError::into_inner);
    // Read under the lock: the recorder's instants never go back.
    let at_us = shared.clock.now_us();
    match ended {
        Ok(answered) => {
            recorder.answered(at_us, answered.version.as_deref(), answered.status, latency_us);
            Some(answered.sender)
        }
        Err(why) => {
            recorder.failed(at_us, latency_us, &why);
            None
        }
    }
}

async fn ask(shared: &Shared, kept: Option<Sender>, index: u64) -> Result<Answered, String> {
    let mut sender = match usable(kept).await {
        Some(sender) => sender,
        None => connect(&shared.authority).await?,
    };
    let torn = |error: hyper::Error| format!("connection torn: {error}");
    let response = sender.send_request(request(shared, index)).await.map_err(torn)?;
    let status = response.status().as_u16();
    let version = version_of(&response);
    drain(response.into_body()).await.map_err(torn)?;
    Ok(Answered { sender, status, version })
}

/// A kept connection, unless the other side has closed it since.
async fn usable(kept: Option<Sender>) -> Option<Sender> {
    let mut sender = kept?;
    sender.ready().await.ok()?;
    Some(sender)
}

async fn connect(authority: &str) -> Result<Sender, String> {
    let refused = |error: std::io::Error| format!("cannot connect to {authority}: {error}");
    let stream = TcpStream::connect(authority).await.map_err(refused)?;
    stream.set_nodelay(true).map_err(refused)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    // Ends with its sender; its errors come out of the request.
    tokio::spawn(connection);
    Ok(sender)
}

fn request(shared: &Shared, index: u64) -> Request<Full<Bytes>> {
    let options = &shared.options;
    let user = bits(options.seed, Purpose::User, index) % options.users;
    let reads = options.read_every > 0 && index % options.read_every == options.read_every - 1;
    let (method, path, body) = if reads {
        (Method::GET, "/exam", Bytes::new())
    } else {
        let answers = format!(r#"{{"user":{user},"answers":{{"q1":"42","q2":"97"}}}}"#);
        (Method::POST, "/submit", Bytes::from(answers))
    };
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, &shared.authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::COOKIE, format!("exam-user={user}"))
        .header("x-user", user)
        .body(Full::new(body))
        .expect("method, path and headers are plain ASCII")
}

fn version_of(response: &Response<Incoming>) -> Option<String> {
    let value = response.headers().get("x-exam-version")?;
    value.to_str().ok().map(str::to_owned)
}

async fn drain(mut body: Incoming) -> Result<(), hyper::Error> {
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok(())
}
