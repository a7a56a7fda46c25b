//! `GET /ofrep/v1/events`: tells a client that what it keeps is old (open-feature/protocol, ADR 8).
//!
//! A stream says only that flags have changed; the client asks for them and is known to have them when it was answered.
//! Of several changes a slow client hears the newest, and one that does not read at all is cut off: it connects again and
//! asks for everything.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::header;
use http_body_util::channel::{Channel, Sender};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::{Shared, door::Door, failure::OfrepFailure};
use crate::flags::Served;

/// Between two signs of life.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a client may not read.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many streams an environment has at once.
const STREAMS_MAX: usize = 12_000;

#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    client: String,
}

/// The ticket in the URL lets in: a browser's `EventSource` cannot send a key.
pub(super) async fn listen(
    State(shared): State<Shared>,
    door: Result<Door, OfrepFailure>,
    Query(ticket): Query<Ticket>,
) -> Result<Response, OfrepFailure> {
    let (served, client) = match shared.service.by_ticket(&ticket.client) {
        Some(known) => known,
        None => {
            let door = door?;
            let client = door.client(&ripcord_flags::Context::empty());
            (Arc::clone(&door.served), client)
        }
    };
    if served.published.receiver_count() >= STREAMS_MAX {
        return Err(OfrepFailure::Busy);
    }
    let (sender, body) = Channel::<Bytes, Infallible>::new(2);
    let stream = Stream::open(served, client, sender);
    let shutdown = shared.shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = stream.run() => {}
        }
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::new(body)).into_response())
}

/// A stream that is open; the client counts as there until it is dropped.
struct Stream {
    served: Arc<Served>,
    client: String,
    sender: Sender<Bytes, Infallible>,
    changes: tokio::sync::watch::Receiver<Arc<crate::flags::published::Published>>,
}

impl Stream {
    fn open(served: Arc<Served>, client: String, sender: Sender<Bytes, Infallible>) -> Self {
        let changes = served.published.subscribe();
        served.clients.streams_changed(&client, true);
        Self { served, client, sender, changes }
    }

    async fn run(mut self) {
        // What a client has asked for before it listened may be old already.
        let mut is_first = self.served.clients.revision_of(&self.client) < self.changes.borrow().revision;
        if !self.send(": listening\n\n".to_owned()).await {
            return;
        }
        loop {
            if !is_first {
                tokio::select! {
                    changed = self.changes.changed() => if changed.is_err() { return },
                    () = sleep(KEEP_ALIVE) => {
                        if !self.send(": still here\n\n".to_owned()).await { return }
                        continue;
                    }
                }
            }
            is_first = false;
            let revision = self.changes.borrow_and_update().revision;
            let data = format!(r#"{{"type":"refetchEvaluation","etag":"\"{revision}\""}}"#);
            if !self.send(format!("id: {revision}\nevent: message\ndata: {data}\n\n")).await {
                return;
            }
        }
    }

    async fn send(&mut self, text: String) -> bool {
        matches!(timeout(PATIENCE, self.sender.send_data(Bytes::from(text))).await, Ok(Ok(())))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.served.clients.streams_changed(&self.client, false);
    }
}
