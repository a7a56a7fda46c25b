//! One stream of a script on its way: masked, then kept, together with the other one as they come, and shown.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    kept::Kept,
    live::Lines,
    mask::{Masker, Secrets},
};

/// Bytes read at once.
const CHUNK_BYTES: usize = 32 * 1024;

/// A stream that is being read.
pub(super) struct Output<'a, R> {
    stream: Option<R>,
    buffer: Vec<u8>,
    masked: Vec<u8>,
    masker: Masker<'a>,
    lines: Lines,
}

impl<'a, R: AsyncRead + Unpin> Output<'a, R> {
    pub(super) fn new(stream: Option<R>, secrets: &'a Secrets) -> Self {
        Self {
            stream,
            buffer: vec![0; CHUNK_BYTES],
            masked: Vec::new(),
            masker: Masker::new(secrets),
            lines: Lines::new(),
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// Waits for the next bytes and says how many are to be taken in. Nothing is lost when the wait is given up.
    pub(super) async fn read(&mut self) -> usize {
        match &mut self.stream {
            Some(stream) => stream.read(&mut self.buffer).await.unwrap_or(0),
            None => 0,
        }
    }

    /// Takes in what was read; nothing means that the stream has ended.
    pub(super) fn take(&mut self, length: usize, kept: &mut Kept, tell: &mut dyn FnMut(&str)) {
        if length == 0 {
            self.stream = None;
            return;
        }
        self.masker.push(&self.buffer[..length], &mut self.masked);
        self.flush(kept, tell);
    }

    fn flush(&mut self, kept: &mut Kept, tell: &mut dyn FnMut(&str)) {
        kept.push(&self.masked);
        self.lines.push(&self.masked, tell);
        self.masked.clear();
    }

    /// Gives out what was held back. Nothing more is read.
    pub(super) fn finish(mut self, kept: &mut Kept, tell: &mut dyn FnMut(&str)) {
        self.masker.finish(&mut self.masked);
        self.flush(kept, tell);
        self.lines.finish(tell);
    }
}
