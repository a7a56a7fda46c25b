//! Collects what a program writes, the last part when it is much, while it runs.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    task::JoinHandle,
};

/// How much of each stream is kept.
pub(super) const KEPT_BYTES: usize = 32 * 1024;

/// A stream being collected.
pub(super) struct Collecting {
    kept: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

/// Starts to read `stream` until its end.
pub(super) fn collect(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Collecting {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    let task = tokio::spawn(async move {
        let Some(mut stream) = stream else { return };
        let mut buffer = [0; 8 * 1024];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            let mut kept = into.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(&buffer[..length]);
            if kept.len() > 2 * KEPT_BYTES {
                let surplus = kept.len() - KEPT_BYTES;
                kept.drain(..surplus);
            }
        }
    });
    Collecting { kept, task }
}

impl Collecting {
    /// The text so far, after waiting at most `patience` for the end of the stream.
    pub(super) async fn text(mut self, patience: Duration) -> String {
        if tokio::time::timeout(patience, &mut self.task).await.is_err() {
            self.task.abort();
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = kept.len().saturating_sub(KEPT_BYTES);
        let text = String::from_utf8_lossy(&kept[surplus..]);
        if surplus > 0 { format!("[…]{text}") } else { text.into_owned() }
    }
}
