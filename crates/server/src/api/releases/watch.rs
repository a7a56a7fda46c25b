//! `GET /v1/releases/{name}/watch`: its status whenever it changes, as server-sent events (WHATWG HTML, section 9.2).
//!
//! Events are called `status`, at most two per second; what happens in between is in the next one. The stream ends
//! after the status of a release that is over. A stream that ends otherwise was cut: the server has stopped.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::header;
use http_body_util::channel::{Channel, Sender};
use ripcord_engine::Status;
use ripcord_model::ReleaseName;
use serde::Serialize;
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast},
    time::sleep,
};

use crate::{
    Failure,
    api::{
        failure::{Answer, ApiFailure},
        input::NamedRelease,
        limits::{WATCH_PAUSE, WATCH_REFRESH, WATCH_REFRESHES_PER_KEEP_ALIVE},
        router::Shared,
    },
};

/// A stream of statuses, the present one first.
pub async fn watch(State(shared): State<Shared>, NamedRelease(name): NamedRelease) -> Answer<Response> {
    let permit = shared.watches.clone().try_acquire_owned();
    let permit = permit.map_err(|_| ApiFailure::too_many_watches(shared.limits.watches))?;
    // Before the first status is taken: a change in between is not lost.
    let changes = shared.handle.subscribe();
    let first = shared.handle.status(name.clone()).await?;
    let (sender, body) = Channel::<Bytes, std::convert::Infallible>::new(4);
    tokio::spawn(Watch { shared, name, changes, sender, _permit: permit }.run(first));
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::new(body)).into_response())
}

struct Watch {
    shared: Shared,
    name: ReleaseName,
    changes: broadcast::Receiver<ReleaseName>,
    sender: Sender<Bytes, std::convert::Infallible>,
    _permit: OwnedSemaphorePermit,
}

/// The client has left, or the server stops.
struct Over;

impl Watch {
    async fn run(mut self, first: Status) {
        let shutdown = self.shared.shutdown.clone();
        tokio::select! {
            () = shutdown.cancelled() => {}
            _over = self.follow(first) => {}
        }
    }

    async fn follow(&mut self, first: Status) -> Result<(), Over> {
        let mut last = first;
        self.send_event("status", &last).await?;
        let mut quiet_refreshes = 0;
        let mut is_sent = true;
        while !last.phase.is_final() {
            if is_sent {
                sleep(WATCH_PAUSE).await;
            }
            self.wait_for_news().await;
            let status = match self.shared.handle.status(self.name.clone()).await {
                Ok(status) => status,
                Err(failure) => return self.send_event::<Failure>("failure", &failure).await,
            };
            is_sent = !says_the_same(&status, &last);
            if !is_sent {
                quiet_refreshes += 1;
                if quiet_refreshes >= WATCH_REFRESHES_PER_KEEP_ALIVE {
                    quiet_refreshes = 0;
                    self.send(": still here\n\n".to_owned()).await?;
                }
                continue;
            }
            quiet_refreshes = 0;
            self.send_event("status", &status).await?;
            last = status;
        }
        Ok(())
    }

    /// Until the release is announced to have changed, or it is time to look again.
    async fn wait_for_news(&mut self) {
        let refresh = sleep(WATCH_REFRESH);
        let announced = async {
            loop {
                match self.changes.recv().await {
                    Ok(name) if name == self.name => return,
                    Ok(_) => {}
                    // Names were missed, perhaps this one.
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = refresh => {}
            () = announced => {}
        }
    }

    async fn send_event<T: Serialize>(&mut self, event: &str, data: &T) -> Result<(), Over> {
        let data = serde_json::to_string(data).expect("what the API answers is plain data");
        self.send(format!("event: {event}\ndata: {data}\n\n")).await
    }

    async fn send(&mut self, text: String) -> Result<(), Over> {
        self.sender.send_data(Bytes::from(text)).await.map_err(|_| Over)
    }
}

/// Whether two statuses differ in nothing but the instant they were given.
fn says_the_same(one: &Status, other: &Status) -> bool {
    let mut one = one.clone();
    one.now = other.now;
    one == *other
}
