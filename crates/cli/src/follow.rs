//! Following a release: its news as lines, its progress as a bar on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ripcord_engine::Status;
use ripcord_ledger::Entry;
use ripcord_model::ReleaseName;
use ripcord_server::{
    Filter,
    client::{Client, ClientError, Watch},
};

use crate::{context::Context, desk, failure::CommandError, output, record, render::progress, surroundings};

/// How long a lost server is looked for before following is given up.
const LOST_MAX: Duration = Duration::from_secs(15);
const RETRY: Duration = Duration::from_millis(250);

/// Where lines for people go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Standard output, with a bar when that is a terminal.
    Stdout,
    /// Standard output, lines only.
    Plain,
    /// Standard error, lines only: standard output is for machines.
    Stderr,
    /// Nowhere.
    Silent,
}

impl Voice {
    /// Says a line.
    pub fn say(self, text: &str) {
        match self {
            Self::Stdout | Self::Plain => output::line(text),
            Self::Stderr => output::error(&format!("{text}\n")),
            Self::Silent => {}
        }
    }
}

/// The length of the record: news begins there.
pub async fn position(client: &Client) -> Result<u64, ClientError> {
    Ok(client.info().await?.entries)
}

/// Prints the news of one release as they come.
pub struct Follower<'context> {
    context: &'context Context,
    client: Client,
    release: ReleaseName,
    from: u64,
    voice: Voice,
    bar: ProgressBar,
    watch: Option<Watch>,
}

impl<'context> Follower<'context> {
    /// Follows `release`, with news from position `from` of the record.
    pub fn new(context: &'context Context, client: Client, release: ReleaseName, from: u64) -> Self {
        let voice = if context.json { Voice::Silent } else { Voice::Stdout };
        Self { context, client, release, from, voice, bar: bar(voice), watch: None }
    }

    /// Speaks elsewhere than the command's output.
    #[must_use]
    pub fn speaking(mut self, voice: Voice) -> Self {
        self.voice = voice;
        self.bar = bar(voice);
        self
    }

    /// Follows until `enough`, and returns that status.
    pub async fn until(&mut self, enough: impl Fn(&Status) -> bool) -> Result<Status, CommandError> {
        loop {
            let status = self.next().await?;
            if enough(&status) {
                return Ok(status);
            }
        }
    }

    /// The next status, after its news have been printed. A server that is restarted is found again.
    pub async fn next(&mut self) -> Result<Status, CommandError> {
        let mut lost = Duration::ZERO;
        loop {
            match self.try_next().await {
                Ok(status) => {
                    self.show(&status);
                    return Ok(status);
                }
                Err(error @ (ClientError::NoServer { .. } | ClientError::Broken { .. }))
                    if lost >= LOST_MAX =>
                {
                    self.bar.finish_and_clear();
                    return Err(desk::failure(self.context, error)
                        .hinted(format!("ripcord status {}   once a server runs again", self.release)));
                }
                Err(ClientError::NoServer { .. } | ClientError::Broken { .. }) => {
                    // Whoever hosted it may have left because the release is over: the record says so.
                    if let Some(status) = self.recorded_end() {
                        self.show(&status);
                        return Ok(status);
                    }
                    if lost == Duration::ZERO {
                        self.line("the server is gone; traffic stays where it is; looking for it …");
                    }
                    self.watch = None;
                    tokio::time::sleep(RETRY).await;
                    lost += RETRY;
                }
                Err(error) => {
                    self.bar.finish_and_clear();
                    return Err(desk::failure(self.context, error));
                }
            }
        }
    }

    async fn try_next(&mut self) -> Result<Status, ClientError> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            None => self.watch.insert(self.client.watch(&self.release).await?),
        };
        let status = match watch.next().await {
            Some(status) => status?,
            None => self.client.release(&self.release).await?,
        };
        self.print_news().await?;
        Ok(status)
    }

    async fn print_news(&mut self) -> Result<(), ClientError> {
        loop {
            let filter = Filter {
                from: self.from,
                release: Some(self.release.clone()),
                limit: Some(1_000),
                ..Filter::default()
            };
            let page = self.client.ledger(&filter).await?;
            self.tell(&page.entries);
            self.from = page.next.unwrap_or(page.len);
            if page.next.is_none() {
                return Ok(());
            }
        }
    }

    /// The last status of a release that has ended, by the record of this machine.
    fn recorded_end(&mut self) -> Option<Status> {
        if self.context.server.is_some() {
            return None;
        }
        let state = self.context.state().ok()?;
        let statuses = record::statuses(&state, surroundings::now()).ok()?;
        let ended = statuses.into_iter().find(|status| status.release == self.release)?;
        if !desk::is_settled(ended.phase) {
            return None;
        }
        let news = ripcord_store::Filter {
            release: Some(self.release.clone()),
            from: self.from,
            ..ripcord_store::Filter::default()
        };
        self.tell(&record::entries(&state, &news).unwrap_or_default());
        Some(ended)
    }

    fn tell(&self, entries: &[Entry]) {
        for entry in entries {
            if let Some(line) = progress::line(entry, &self.context.look) {
                self.line(&line);
            }
        }
    }

    /// Says a line, above the bar when there is one.
    pub fn line(&self, text: &str) {
        self.bar.suspend(|| self.voice.say(text));
    }

    fn show(&self, status: &Status) {
        if desk::is_settled(status.phase) {
            self.bar.finish_and_clear();
            return;
        }
        match progress::running(status) {
            Some((label, elapsed_ms, total_ms)) => {
                let remaining = ripcord_model::Duration::from_ms(total_ms.saturating_sub(elapsed_ms)).human();
                self.bar.set_length(total_ms.max(1));
                self.bar.set_position(elapsed_ms);
                self.bar.set_prefix(format!("{remaining} left"));
                self.bar.set_message(label);
            }
            None => self.bar.set_message(status.headline.clone()),
        }
    }
}

fn bar(voice: Voice) -> ProgressBar {
    let is_live = voice == Voice::Stdout && surroundings::is_terminal();
    let target = if is_live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style =
        ProgressStyle::with_template("{msg:<34} {bar:30} {prefix}").expect("the template is constant");
    let bar = ProgressBar::with_draw_target(Some(1), target);
    bar.set_style(style.progress_chars("█▓░"));
    bar
}
