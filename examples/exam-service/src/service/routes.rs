//! What the service answers. Owns the routes and where faults strike; refuses to know how it is listened to.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{faults::Faults, flag, metrics::Metrics, options::Options};
use crate::{
    clock::Clock,
    draw::{Purpose, bits, fraction},
};

/// The largest body that is read.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// What leaks at most, so that a forgotten service does not take the machine down.
const LEAK_BYTES_TOTAL_MAX: u64 = 512 << 20;

/// What the service is made of.
pub struct State {
    options: Options,
    faults: Mutex<Faults>,
    leaked: Mutex<Vec<Vec<u8>>>,
    metrics: Metrics,
    clock: Clock,
    /// Cancelled when the process shall die.
    pub crash: CancellationToken,
    /// Cancelled when it was asked to stop.
    pub stopping: CancellationToken,
}

type Answer = Response<Full<Bytes>>;

/// A submission as clients send it; further fields are theirs.
#[derive(Deserialize)]
struct Submission {
    answers: serde_json::Value,
}

impl State {
    /// A service that has answered nothing yet.
    pub fn new(options: Options, stopping: CancellationToken) -> Self {
        Self {
            faults: Mutex::new(options.faults.clone()),
            leaked: Mutex::default(),
            metrics: Metrics::default(),
            clock: Clock::start(),
            crash: CancellationToken::new(),
            stopping,
            options,
        }
    }

    /// Answers one request.
    pub async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let method = request.method().clone();
        let mut answer = match (&method, request.uri().path()) {
            (&Method::POST, "/submit") => self.exam_traffic(request, true).await,
            (&Method::GET, "/exam") => self.exam_traffic(request, false).await,
            (&Method::GET, "/healthz/live") => text(StatusCode::OK, "live\n"),
            (&Method::GET, "/healthz/ready") => self.ready(),
            (&Method::GET, "/metrics") => self.metrics_page(),
            (_, "/faults") if !peer.ip().is_loopback() => {
                problem(StatusCode::FORBIDDEN, "faults are set from this machine only")
            }
            (&Method::GET, "/faults") => json(StatusCode::OK, &self.faults()),
            (&Method::PUT, "/faults") => self.put_faults(request).await,
            (_, "/submit" | "/exam" | "/healthz/live" | "/healthz/ready" | "/metrics" | "/faults") => {
                problem(StatusCode::METHOD_NOT_ALLOWED, "this method is not for this path")
            }
            (_, path) => problem(StatusCode::NOT_FOUND, &format!("nothing is at {path}")),
        };
        if let Ok(version) = self.options.version.parse() {
            answer.headers_mut().insert("x-exam-version", version);
        }
        Ok(answer)
    }

    /// The faults in force.
    pub fn faults(&self) -> Faults {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn exam_traffic(&self, request: Request<Incoming>, is_submission: bool) -> Answer {
        let began_us = self.clock.elapsed_us();
        let index = self.metrics.arrived();
        let faults = self.faults_of_path();
        self.strike(&faults, index).await;
        let answer = if is_submission { self.submit(request, &faults, index).await } else { self.exam() };
        self.metrics.answered(self.clock.elapsed_us() - began_us);
        answer
    }

    /// What is wrong with the path this request takes: nothing while the flag is off.
    fn faults_of_path(&self) -> Faults {
        let new_path = self.options.flag_file.as_deref().is_none_or(flag::is_on);
        if new_path { self.faults() } else { Faults::default() }
    }

    /// Everything that goes wrong before a request is looked at.
    async fn strike(&self, faults: &Faults, index: u64) {
        if faults.crash_after_requests.is_some_and(|limit| index >= limit) {
            self.crash.cancel();
            std::future::pending::<()>().await;
        }
        if faults.hang_rate > 0.0 && fraction(self.options.seed, Purpose::Hang, index) < faults.hang_rate {
            std::future::pending::<()>().await;
        }
        if faults.leak_bytes > 0 {
            self.leak(faults.leak_bytes);
        }
        let jitter_ms = faults.jitter_ms as f64 * fraction(self.options.seed, Purpose::Jitter, index);
        let delay = Duration::from_secs_f64((faults.latency_ms as f64 + jitter_ms) / 1e3);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    fn leak(&self, bytes: u64) {
        if self.metrics.leaked(bytes) <= LEAK_BYTES_TOTAL_MAX {
            // Not zero: the kernel hands out untouched zero pages without memory behind them.
            let kept = vec![1_u8; usize::try_from(bytes).unwrap_or(0)];
            self.leaked.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        }
    }

    async fn submit(&self, request: Request<Incoming>, faults: &Faults, index: u64) -> Answer {
        let body = match read_body(request).await {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        // What the client did wrong is no error of this version, so it is not counted as one.
        let is_object = serde_json::from_slice::<Submission>(&body).is_ok_and(|it| it.answers.is_object());
        if !is_object {
            return problem(StatusCode::BAD_REQUEST, r#"expected {"answers": {"question": "answer", …}}"#);
        }
        let errs = index >= faults.error_after_requests;
        let ok = !errs || fraction(self.options.seed, Purpose::Error, index) >= faults.error_rate;
        self.metrics.submitted(ok);
        if !ok {
            return problem(StatusCode::INTERNAL_SERVER_ERROR, "the answers could not be saved");
        }
        let id = format!("{:016x}", bits(self.options.seed, Purpose::User, index));
        json(StatusCode::OK, &serde_json::json!({ "id": id, "version": self.options.version }))
    }

    fn exam(&self) -> Answer {
        let questions = serde_json::json!({
            "version": self.options.version,
            "questions": [{"id": "q1", "text": "What is 6 times 7?"}, {"id": "q2", "text": "Name a prime above 90."}],
        });
        json(StatusCode::OK, &questions)
    }

    fn ready(&self) -> Answer {
        if self.stopping.is_cancelled() {
            text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
        } else if self.faults().not_ready {
            text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        } else {
            text(StatusCode::OK, "ready\n")
        }
    }

    fn metrics_page(&self) -> Answer {
        let version = self.options.label_version.then_some(self.options.version.as_str());
        let mut answer = text(StatusCode::OK, self.metrics.render(version));
        let kind = header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer
    }

    async fn put_faults(&self, request: Request<Incoming>) -> Answer {
        let body = match read_body(request).await {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        let parsed = serde_json::from_slice::<Faults>(&body).map_err(|error| error.to_string());
        let checked = parsed.and_then(|faults| match faults.check() {
            Ok(()) => Ok(faults),
            Err(error) => Err(error.to_string()),
        });
        match checked {
            Ok(faults) => {
                *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults.clone();
                json(StatusCode::OK, &faults)
            }
            Err(why) => problem(StatusCode::BAD_REQUEST, &why),
        }
    }
}

async fn read_body(request: Request<Incoming>) -> Result<Bytes, Answer> {
    let read = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
    match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "at most 65536 bytes are read"))
        }
        Ok(Err(_)) => Err(problem(StatusCode::BAD_REQUEST, "the body ended early")),
        Err(_) => Err(problem(StatusCode::REQUEST_TIMEOUT, "the body took more than 10 s")),
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer
}

fn json(status: StatusCode, body: &impl serde::Serialize) -> Answer {
    let bytes = serde_json::to_vec(body).expect("what the service answers is plain data");
    let mut answer = text(status, bytes);
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}

fn problem(status: StatusCode, message: &str) -> Answer {
    json(status, &serde_json::json!({ "error": message }))
}
