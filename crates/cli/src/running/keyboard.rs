//! Lines that a person types. Reading cannot be given up, so it happens on a thread of its own, and a question that
//! was given up leaves nothing behind for the next one.

use std::io::BufRead as _;

use tokio::sync::{
    Mutex,
    mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::surroundings;

/// What is typed, line by line. Listens from the first question on: whoever never asks leaves standard input alone.
pub(super) struct Keyboard(Mutex<Option<UnboundedReceiver<String>>>);

impl Keyboard {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The next line that is typed from now on; `None` when nobody can type any more.
    pub(super) async fn line(&self) -> Option<String> {
        let mut lines = self.0.lock().await;
        let receiver = match &mut *lines {
            Some(receiver) => {
                // What was typed before the question is no answer to it.
                while receiver.try_recv().is_ok() {}
                receiver
            }
            none => none.insert(listen()),
        };
        receiver.recv().await
    }
}

fn listen() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in surroundings::standard_input().lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
