//! One attempt to get an answer over one connection.

use std::{sync::Arc, time::Instant};

use hyper::{Request, Response, body::Incoming};
use tokio::time::timeout_at;

use crate::{
    clock,
    options::Timeouts,
    proxy::{
        Refused,
        upload::{Progress, UploadBody},
    },
    upstream::Connection,
};

/// How an attempt ended.
pub(crate) enum Attempt {
    /// With the head of an answer, on a connection that still carries its body.
    Answered(Response<Incoming>, Connection),
    /// Before a byte of the request left the edge; here it is again.
    NotSent(Request<UploadBody>),
    /// Somewhere after that; the instance may have acted on it.
    Lost,
    /// Without sense in trying again.
    Refused(Refused),
}

/// Sends `request` over `connection` and waits for the head of the answer.
pub(crate) async fn attempt(
    mut connection: Connection,
    request: Request<UploadBody>,
    timeouts: &Timeouts,
    limit_bytes: u64,
) -> Attempt {
    let progress = request.body().progress();
    let mut answer = std::pin::pin!(connection.sender.try_send_request(request));
    let mut deadline = clock::now() + first_patience(timeouts, progress.as_ref());
    let outcome = loop {
        match timeout_at(deadline.into(), answer.as_mut()).await {
            Ok(outcome) => break outcome,
            Err(_elapsed) => match next_deadline(timeouts, progress.as_ref()) {
                Ok(later) => deadline = later,
                Err(refused) => return Attempt::Refused(refused),
            },
        }
    };
    match outcome {
        Ok(response) => Attempt::Answered(response, connection),
        Err(mut failure) => match failure.take_message() {
            Some(request) => Attempt::NotSent(request),
            None if progress.is_some_and(|progress| progress.was_too_large()) => {
                Attempt::Refused(Refused::TooLarge { limit_bytes })
            }
            None => Attempt::Lost,
        },
    }
}

fn first_patience(timeouts: &Timeouts, progress: Option<&Arc<Progress>>) -> std::time::Duration {
    match progress {
        None => timeouts.response_head,
        Some(_) => timeouts.response_head.min(timeouts.body_idle),
    }
}

/// The instance has as long as the upload moves, and then its own time.
fn next_deadline(timeouts: &Timeouts, progress: Option<&Arc<Progress>>) -> Result<Instant, Refused> {
    let Some(progress) = progress else {
        return Err(Refused::NoAnswer(timeouts.response_head));
    };
    let (patience, refused) = if progress.has_ended() {
        (timeouts.response_head, Refused::NoAnswer(timeouts.response_head))
    } else {
        (timeouts.body_idle, Refused::UploadStalled(timeouts.body_idle))
    };
    let deadline = progress.last() + patience;
    if deadline > clock::now() { Ok(deadline) } else { Err(refused) }
}
