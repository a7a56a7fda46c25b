//! The loop over attempts.
//!
//! | what failed | what follows |
//! |---|---|
//! | no connection | another instance of the version, once |
//! | a kept connection closed before anything was sent | the next connection; after two, a new one |
//! | a kept connection closed after that | again on a new one, if the method is idempotent and there is no body (RFC 9110 §9.2.2) |
//! | a new connection closed, no answer in time | 502, 504 |
//!
//! Every further attempt asks the split in force again, so a request that fails on a version just withdrawn finds
//! the version that replaced it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use hyper::{
    Request, Response, StatusCode,
    body::{Body, Incoming},
    header::HeaderValue,
    upgrade::OnUpgrade,
};
use tokio_util::task::TaskTracker;

use crate::{
    clock,
    options::Options,
    proxy::{
        AnswerBody, Refused,
        answer::Relay,
        attempt::{Attempt, attempt},
        headers::{self, mark, normalise, prepare_answer, prepare_request},
        tunnel,
        upload::UploadBody,
    },
    routing::{Router, Ticket, Wish, sticky_key},
    upstream::{ConnectError, Connection, Upstream},
    version::{Class, Exchange},
};

/// Kept connections tried before a new one is opened.
const MAX_STALE: u32 = 2;

/// Requests the edge answered itself, by reason.
#[derive(Debug, Default)]
pub(crate) struct Refusals(pub(crate) [AtomicU64; Refused::KINDS]);

/// What one worker needs to carry requests.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) options: Arc<Options>,
    pub(crate) router: Arc<Router>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) tunnels: TaskTracker,
    pub(crate) worker: usize,
}

/// What is known about a request apart from its head and body.
struct Errand {
    cookie: Option<HeaderValue>,
    user: Option<OnUpgrade>,
}

/// What the attempts so far have used up.
#[derive(Default)]
struct Tried {
    unreachable: Option<SocketAddr>,
    stale: u32,
    replayed: bool,
}

impl Proxy {
    /// Answers one request.
    pub(crate) async fn answer(
        &self,
        client: IpAddr,
        mut request: Request<Incoming>,
    ) -> Response<AnswerBody> {
        let began = clock::now();
        if let Err(refused) = self.acceptable(&mut request) {
            return self.refuse(&refused);
        }
        let forced =
            self.options.forced_versions.then(|| request.headers().get(headers::VERSION).cloned()).flatten();
        let (key, cookie) = sticky_key(&self.options.sticky, request.headers(), client, &self.router.counter);
        let upgrade = headers::upgrade(request.headers());
        let user = upgrade.as_ref().map(|_| hyper::upgrade::on(&mut request));
        prepare_request(request.headers_mut(), client, upgrade.as_ref());
        let errand = Errand { cookie, user };
        let wish = Wish { key, version: forced.as_ref().map(HeaderValue::as_bytes), avoid: None, began };
        let limit_bytes = self.options.limits.request_body_bytes;
        let (head, body) = request.into_parts();
        // Extensions belong to the user's connection.
        let mut request = Request::new(UploadBody::new(body, limit_bytes));
        *request.method_mut() = head.method;
        *request.uri_mut() = head.uri;
        *request.headers_mut() = head.headers;
        self.carry(wish, errand, request).await
    }

    fn acceptable(&self, request: &mut Request<Incoming>) -> Result<(), Refused> {
        normalise(request)?;
        let limit_bytes = self.options.limits.request_body_bytes;
        if request.body().size_hint().lower() > limit_bytes {
            return Err(Refused::TooLarge { limit_bytes });
        }
        Ok(())
    }

    fn refuse(&self, refused: &Refused) -> Response<AnswerBody> {
        self.refusals.0[refused.kind()].fetch_add(1, Ordering::Relaxed);
        refused.response()
    }

    async fn carry(
        &self,
        wish: Wish<'_>,
        errand: Errand,
        mut request: Request<UploadBody>,
    ) -> Response<AnswerBody> {
        let mut tried = Tried::default();
        let Some(mut ticket) = self.router.admit(&wish) else {
            return self.refuse(&Refused::NoSplit);
        };
        if wish.version.is_some_and(|name| name == ticket.exchange.version().header.as_bytes()) {
            ticket.exchange.version().forced.fetch_add(1, Ordering::Relaxed);
        }
        loop {
            let Ticket { exchange, upstream } = ticket;
            let connection = match self.connection(&upstream, &tried, may_be_sent_twice(&request)).await {
                Ok(connection) => connection,
                Err(error) if tried.unreachable.is_none() => {
                    tracing::debug!(version = %upstream.version, address = %upstream.address, %error, "unreachable");
                    tried.unreachable = Some(upstream.address);
                    match self.readmit(&wish, exchange, &tried) {
                        Some(next) => ticket = next,
                        None => return self.refuse(&Refused::NoSplit),
                    }
                    continue;
                }
                Err(error) => return self.fail(exchange, errand, &Refused::Unreachable(error)),
            };
            let spare = if connection.reused && !tried.replayed { replayable(&request) } else { None };
            let limit_bytes = self.options.limits.request_body_bytes;
            match attempt(connection, request, &self.options.timeouts, limit_bytes).await {
                Attempt::Answered(response, connection) => {
                    return self.pass_on(response, connection, upstream, exchange, errand);
                }
                Attempt::NotSent(unsent) if tried.stale <= MAX_STALE => {
                    tried.stale += 1;
                    request = unsent;
                }
                Attempt::NotSent(_) => return self.fail(exchange, errand, &Refused::Lost),
                Attempt::Lost => match spare {
                    Some(copy) => {
                        tried.replayed = true;
                        request = copy;
                    }
                    None => return self.fail(exchange, errand, &Refused::Lost),
                },
                Attempt::Refused(refused) => return self.fail(exchange, errand, &refused),
            }
            match self.readmit(&wish, exchange, &tried) {
                Some(next) => ticket = next,
                None => return self.refuse(&Refused::NoSplit),
            }
        }
    }

    /// A kept connection, or a new one.
    async fn connection(
        &self,
        upstream: &Arc<Upstream>,
        tried: &Tried,
        may_be_sent_twice: bool,
    ) -> Result<Connection, ConnectError> {
        if tried.stale < MAX_STALE && !tried.replayed {
            while let Some(connection) = upstream.checkout(self.worker) {
                if may_be_sent_twice || !connection.is_stale() {
                    return Ok(connection);
                }
            }
        }
        let Options { timeouts, limits, .. } = &*self.options;
        Connection::open(upstream, self.worker, timeouts.connect, limits.head_bytes).await
    }

    /// A ticket for the next attempt: the same version as long as it is in force.
    fn readmit(&self, wish: &Wish<'_>, exchange: Exchange, tried: &Tried) -> Option<Ticket> {
        let version = Arc::clone(exchange.version());
        let again = Wish { version: Some(version.header.as_bytes()), avoid: tried.unreachable, ..*wish };
        let ticket = self.router.admit(&again);
        // Only now, so that the request is open somewhere all the time.
        exchange.abandon();
        ticket
    }

    fn fail(&self, mut exchange: Exchange, errand: Errand, refused: &Refused) -> Response<AnswerBody> {
        let mut response = self.refuse(refused);
        exchange.answered(Class::of(refused.status()));
        mark(response.headers_mut(), &exchange.version().header, errand.cookie);
        response
    }

    fn pass_on(
        &self,
        mut response: Response<Incoming>,
        connection: Connection,
        upstream: Arc<Upstream>,
        mut exchange: Exchange,
        errand: Errand,
    ) -> Response<AnswerBody> {
        exchange.answered(Class::of(response.status()));
        let version = exchange.version().header.clone();
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            prepare_answer(&mut response, &version, errand.cookie);
            let patience = self.options.timeouts.body_idle;
            return response
                .map(|body| AnswerBody::Relayed(Relay::new(body, connection, exchange, patience)));
        }
        let (Some(user), Some(protocol)) = (errand.user, headers::upgrade(response.headers())) else {
            tracing::debug!(version = %upstream.version, "an instance switched protocols and nobody had asked");
            return self.fail(exchange, Errand { user: None, ..errand }, &Refused::Lost);
        };
        let instance = hyper::upgrade::on(&mut response);
        prepare_answer(&mut response, &version, errand.cookie);
        let headers = response.headers_mut();
        headers.insert(hyper::header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(hyper::header::UPGRADE, protocol);
        tunnel::dig(&self.tunnels, user, instance, upstream, exchange);
        response.map(|_| AnswerBody::Own(None))
    }
}

/// Whether doing it twice is doing it once, and there is no body that is gone after the first time.
fn may_be_sent_twice(request: &Request<UploadBody>) -> bool {
    request.method().is_idempotent() && request.body().is_empty()
}

/// A copy of a request that may be sent twice.
fn replayable(request: &Request<UploadBody>) -> Option<Request<UploadBody>> {
    if !may_be_sent_twice(request) {
        return None;
    }
    let mut copy = Request::new(UploadBody::Empty);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}
