//! Following a release: server-sent events, read into statuses.

use std::time::Duration;

use http::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use ripcord_engine::Status;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use super::{connection::Place, error::ClientError};
use crate::Failure;

/// A server that is silent for so long is gone: it sends a comment every fifteen seconds.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// The longest event that is read, in bytes.
const EVENT_BYTES_MAX: usize = 8 << 20;

/// Statuses of a release as they come. Ends after that of a release that is over; dropping it ends it as well.
#[derive(Debug)]
pub struct Watch {
    receiver: mpsc::Receiver<Result<Status, ClientError>>,
    reader: JoinHandle<()>,
}

impl Watch {
    pub(super) fn follow(place: Place, response: Response<Incoming>) -> Self {
        let (sender, receiver) = mpsc::channel(8);
        let reader = tokio::spawn(async move {
            if let Err(error) = read(&place, response.into_body(), &sender).await {
                // Nobody listens any more: nobody to tell.
                let _nobody = sender.send(Err(error)).await;
            }
        });
        Self { receiver, reader }
    }

    /// The next status; `None` when the release is over and all was told. An error is the last thing that comes.
    pub async fn next(&mut self) -> Option<Result<Status, ClientError>> {
        self.receiver.recv().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(
    place: &Place,
    mut body: Incoming,
    sender: &mpsc::Sender<Result<Status, ClientError>>,
) -> Result<(), ClientError> {
    let mut events = Events::default();
    let mut is_over = false;
    loop {
        let frame = timeout(SILENCE_MAX, body.frame()).await;
        let frame = frame.map_err(|_| place.broken(&"it fell silent"))?;
        let Some(frame) = frame else {
            return if is_over {
                Ok(())
            } else {
                Err(place.broken(&"it ended the watch before the release was over"))
            };
        };
        let Ok(data) = frame.map_err(|error| place.broken(&error))?.into_data() else { continue };
        events.push(&data).map_err(|reason| place.unintelligible(&reason))?;
        while let Some(event) = events.next() {
            let status = parse(place, &event)?;
            is_over = status.phase.is_final();
            if sender.send(Ok(status)).await.is_err() {
                return Ok(());
            }
        }
    }
}

fn parse(place: &Place, event: &Event) -> Result<Status, ClientError> {
    match event.name.as_str() {
        "status" => serde_json::from_str(&event.data).map_err(|error| place.unintelligible(&error)),
        "failure" => match serde_json::from_str::<Failure>(&event.data) {
            Ok(failure) => Err(ClientError::Failed(failure)),
            Err(error) => Err(place.unintelligible(&error)),
        },
        other => Err(place.unintelligible(&format!("an event called `{other}`"))),
    }
}

/// One event.
#[derive(Debug, PartialEq, Eq)]
struct Event {
    name: String,
    data: String,
}

/// Events out of bytes that come in any pieces (WHATWG HTML, section 9.2.6; line ends are `\n` here).
#[derive(Debug, Default)]
struct Events {
    pending: Vec<u8>,
}

impl Events {
    fn push(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        if self.pending.len() + bytes.len() > EVENT_BYTES_MAX {
            return Err("an event that does not end");
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    /// The next complete event; comments are passed over.
    fn next(&mut self) -> Option<Event> {
        loop {
            let end = self.pending.windows(2).position(|pair| pair == b"\n\n")?;
            let block = self.pending.drain(..end + 2).collect::<Vec<u8>>();
            let text = String::from_utf8_lossy(&block);
            let field = |name: &str| {
                text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start().to_owned()))
            };
            if let Some(data) = field("data:") {
                return Some(Event { name: field("event:").unwrap_or_default(), data });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_in_whatever_pieces_they_come() {
        let stream = b": hello\n\nevent: status\ndata: {\"a\": 1}\n\n: still here\n\nevent: failure\ndata: x\n\nevent: st";
        for size in [1, 2, 7, stream.len()] {
            let mut events = Events::default();
            let mut found = Vec::new();
            for piece in stream.chunks(size) {
                events.push(piece).unwrap();
                found.extend(std::iter::from_fn(|| events.next()));
            }
            let names =
                found.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect::<Vec<_>>();
            assert_eq!(names, [("status", "{\"a\": 1}"), ("failure", "x")], "pieces of {size}");
        }
    }

    #[test]
    fn an_event_without_an_end_is_given_up() {
        let mut events = Events::default();
        let piece = vec![b'x'; 1 << 20];
        let given_up = (0..16).any(|_| events.push(&piece).is_err());
        assert!(given_up);
    }
}
