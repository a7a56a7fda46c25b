//! Reads back what nginx does by asking it: `nginx -s reload` returns before the change is in force, and old and
//! new workers answer side by side for a while.
//!
//! The witness holds connections that were opened before the reload, since old workers go on answering on those.
//! A change counts as in force when every probe, on new connections and on kept ones, has carried the new
//! generation for a while without exception.

use std::time::Duration;

use reqwest::{Client, Response};
use ripcord_engine::Generation;
use tokio::time::Instant;

use crate::{http, port::AdapterError, process_table, router::split::Split, shell};

/// The response header with the generation.
const GENERATION: &str = "x-ripcord-generation";
/// The response header with the version that answered.
const VERSION: &str = "x-ripcord-version";
/// Connections held across the reload: enough to meet every worker of a small machine.
const KEPT_CONNECTIONS: usize = 4;
/// Probes without exception, each on new and on kept connections.
const CALM_PROBES: u32 = 15;
/// How long at least they go on: old and new workers mix for 90 to 140 ms.
const CALM: Duration = Duration::from_millis(350);
const POLL: Duration = Duration::from_millis(20);
/// How long nginx may take to put a change in force.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(10);
/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What one answer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Testimony {
    generation: Option<Generation>,
    version: Option<String>,
}

/// Asks nginx what is in force.
pub(super) struct Witness {
    url: String,
    fresh: Client,
    kept: Client,
    /// Worker processes that ran before the reload.
    workers: Vec<i32>,
}

impl Witness {
    /// Opens the connections that will be held. A router that does not answer yet is no error: it may be about to
    /// be told its first split.
    pub(super) async fn new(url: &str) -> Result<Self, AdapterError> {
        let witness = Self {
            url: url.to_owned(),
            fresh: http::client(url, ANSWER_WITHIN, false)?,
            kept: http::client(url, ANSWER_WITHIN, true)?,
            workers: process_table::with_command_line("nginx: worker process"),
        };
        let _ = witness.ask_kept().await;
        Ok(witness)
    }

    /// The generation that answers now; `None` when the answer names none.
    pub(super) async fn generation(&self) -> Result<Option<Generation>, String> {
        Ok(testimony(&self.ask(&self.fresh).await?).generation)
    }

    /// Waits until nothing but `split` answers.
    pub(super) async fn sees(
        &self,
        split: &Split,
        still_wanted: impl Fn() -> Result<(), AdapterError>,
    ) -> Result<(), AdapterError> {
        let began = Instant::now();
        let (mut calm_since, mut calm_probes, mut last) = (None, 0, String::from("nothing yet"));
        while began.elapsed() < IN_FORCE_WITHIN {
            still_wanted()?;
            match self.look(split).await {
                Ok(()) => {
                    let since = *calm_since.get_or_insert_with(Instant::now);
                    calm_probes += 1;
                    if calm_probes >= CALM_PROBES && since.elapsed() >= CALM {
                        return Ok(());
                    }
                }
                Err(other) => {
                    (calm_since, calm_probes) = (None, 0);
                    last = other;
                }
            }
            tokio::time::sleep(POLL).await;
        }
        Err(AdapterError::Transient(format!(
            "nginx was told generation {} and has not been seen to follow within {}: {} answered last with {last}",
            split.generation,
            shell::human(IN_FORCE_WITHIN),
            self.url
        )))
    }

    /// One look: a new connection and all kept ones.
    async fn look(&self, split: &Split) -> Result<(), String> {
        let mut answers = self.ask_kept().await?;
        answers.push(testimony(&self.ask(&self.fresh).await?));
        answers.iter().try_for_each(|answer| judge(answer, split))
    }

    async fn ask_kept(&self) -> Result<Vec<Testimony>, String> {
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..KEPT_CONNECTIONS {
            let request = self.kept.get(&self.url);
            asked.spawn(async move {
                let answer = request.send().await?;
                let said = testimony(&answer);
                // Only a connection whose answer was read to its end can be kept.
                answer.bytes().await.map(|_| said)
            });
        }
        let mut answers = Vec::new();
        while let Some(answer) = asked.join_next().await {
            let answer = answer.map_err(|error| error.to_string())?;
            answers.push(answer.map_err(|error| http::chain(&error.without_url()))?);
        }
        Ok(answers)
    }

    async fn ask(&self, client: &Client) -> Result<Response, String> {
        client.get(&self.url).send().await.map_err(|error| http::chain(&error.without_url()))
    }

    /// Waits until the workers that were told to go have gone, with the last open requests to what was withdrawn.
    /// Best effort: workers of another user's nginx may not be seen.
    pub(super) async fn sees_old_workers_gone(
        &self,
        drain: Duration,
        still_wanted: impl Fn() -> Result<(), AdapterError>,
    ) -> Result<bool, AdapterError> {
        let deadline = Instant::now() + drain;
        loop {
            still_wanted()?;
            let leaving = process_table::with_command_line("nginx: worker process is shutting down");
            if !leaving.iter().any(|pid| self.workers.contains(pid)) {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

fn testimony(answer: &Response) -> Testimony {
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Testimony {
        generation: header(GENERATION).and_then(|text| text.parse().ok()).map(Generation),
        version: header(VERSION),
    }
}

fn judge(answer: &Testimony, split: &Split) -> Result<(), String> {
    let Some(generation) = answer.generation else {
        return Err(format!(
            "no {GENERATION} header; add `add_header {GENERATION} $ripcord_generation always;` to the location"
        ));
    };
    if generation != split.generation {
        return Err(format!("generation {generation}"));
    }
    match &answer.version {
        Some(version) if split.weights.0.iter().any(|(name, _)| name.as_str() == version) => Ok(()),
        Some(version) => Err(format!("version {version}, which has no share")),
        None => Err(format!(
            "no {VERSION} header; add `add_header {VERSION} $ripcord_version always;` to the location"
        )),
    }
}
