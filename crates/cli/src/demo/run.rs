//! The order of the demo, and that everything it started is stopped, however it ends.

use std::path::PathBuf;

use ripcord_ledger::to_hex;
use ripcord_model::Duration;
use ripcord_server::client::Client;
use ripcord_store::audit;
use serde::Serialize;
use tokio::sync::mpsc;

use super::{
    control_plane::ControlPlane, files, ground::Ground, measure::Measured, play::play, traffic::Traffic,
};
use crate::{
    context::Context,
    failure::{CommandError, Exit},
    follow::Voice,
    host, output,
    render::{Tone, words},
};

/// What the demo is asked for.
#[derive(Debug)]
pub struct Request {
    /// Plain lines, also on a terminal.
    pub headless: bool,
    /// Keep the files here.
    pub keep: Option<PathBuf>,
}

/// What the demo showed.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The releases in their order.
    pub releases: Vec<Measured>,
    /// The record of them.
    pub ledger: Ledger,
}

/// The record of the demo.
#[derive(Debug, Clone, Serialize)]
pub struct Ledger {
    /// How many entries.
    pub entries: u64,
    /// Merkle tree hash over them.
    pub root: String,
    /// Whether the verifier found nothing.
    pub verified: bool,
}

impl Shown {
    /// Whether the demo showed what it is there for.
    pub fn is_good(&self) -> bool {
        let outcomes: Vec<&str> = self.releases.iter().map(|release| release.outcome.as_str()).collect();
        outcomes == ["complete", "rolled_back"] && self.ledger.verified
    }
}

/// Runs the demo, stops everything it started, and says what was seen.
pub async fn run(context: &Context, request: Request) -> Result<Exit, CommandError> {
    let voice = match (context.json, request.headless) {
        (true, _) => Voice::Stderr,
        (false, true) => Voice::Plain,
        (false, false) => Voice::Stdout,
    };
    let ground = Ground::prepare(request.keep.as_deref())?;
    let mut control_plane = None;
    let shown = tokio::select! {
        shown = show(context, &ground, voice, &mut control_plane) => shown,
        () = interrupted() => Err(CommandError::refused("left", "the demo was left")),
    };
    voice.say("stopping everything that was started");
    // Before the rest, so that nothing is started again.
    if let Some(control_plane) = control_plane {
        control_plane.stop().await;
    }
    let shown = shown.map(|releases| Shown { releases, ledger: ledger(&ground, voice) });
    for trouble in ground.stop_all().await {
        voice.say(&trouble);
    }
    let shown = shown?;
    report(context, &ground, &shown, request.keep.is_some());
    if shown.is_good() {
        return Ok(Exit::Done);
    }
    Ok(Exit::Refused)
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _interrupted = tokio::signal::ctrl_c().await;
        }
    }
}

async fn show(
    context: &Context,
    ground: &Ground,
    voice: Voice,
    control_plane: &mut Option<ControlPlane>,
) -> Result<Vec<Measured>, CommandError> {
    let heading = |text: &str| voice.say(&format!("\n{}", context.look.paint(Tone::Strong, text)));
    heading("1. An exam service in production");
    ground.run_last_good("v1").await?;
    let (news, mut heard) = mpsc::unbounded_channel();
    *control_plane = Some(ControlPlane::start(ground.place(), news).await?);
    let told = tokio::spawn(async move {
        while let Some(line) = heard.recv().await {
            voice.say(&line);
        }
    });
    let client = Client::unix(host::socket(&ground.state()));
    let mut traffic = Traffic::start(ground.listen)?;
    voice.say(&format!("v1 answers at http://{}; 400 submissions per second begin", ground.listen));
    voice.say(&format!("files: {}", ground.root.display()));
    let place = ground.place();
    if let Some(token) = place.token() {
        voice.say(&format!("watch it in a browser: http://{}, signing in with this token:", place.pages));
        voice.say(&format!("  {token}"));
    }

    heading("2. A good release: v2 climbs 1 % → 10 % → 50 % → 100 %");
    let good = play(context, &client, &mut traffic, files::GOOD, voice).await?;
    heading("3. A bad release: v3 looks well at first, then fails one submission in five");
    let bad = play(context, &client, &mut traffic, files::BAD, voice).await?;

    let _seen = traffic.stop().await;
    told.abort();
    Ok(vec![good, bad])
}

/// The record, verified as an auditor would, with no server running.
fn ledger(ground: &Ground, voice: Voice) -> Ledger {
    match audit::verify(&ground.state()) {
        Ok(verified) => Ledger { entries: verified.entries, root: to_hex(&verified.root), verified: true },
        Err(error) => {
            voice.say(&format!("the ledger does not verify: {error}"));
            Ledger { entries: 0, root: String::new(), verified: false }
        }
    }
}

fn report(context: &Context, ground: &Ground, shown: &Shown, kept: bool) {
    if context.json {
        // As it is, and not by way of a map, so that the fields keep their order.
        output::line(&serde_json::to_string(shown).expect("what was shown is plain data"));
        return;
    }
    let mut text = String::from("\n");
    for release in &shown.releases {
        text.push_str(&sentence(release));
    }
    let entries = words::thousands(shown.ledger.entries);
    let verified = if shown.ledger.verified { "verifies" } else { "DOES NOT VERIFY" };
    text.push_str(&format!("The record of it has {entries} entries and {verified}.\n\n"));
    if kept {
        text.push_str(&format!("  next       ripcord audit show --root {}\n", ground.root.display()));
    } else {
        text.push_str("  next       ripcord init   for a service of your own\n");
        text.push_str("             ripcord demo --keep DIR   keeps the files and the record\n");
    }
    output::raw(text);
}

fn sentence(release: &Measured) -> String {
    let bad = words::thousands(release.bad_responses);
    let all = words::thousands(release.responses);
    let human = |seconds: f64| Duration::from_ms((seconds * 1_000.0).round() as u64).human();
    let what = match (release.detect_s, release.decide_to_restored_ms, release.harm_to_restored_s) {
        (Some(detect), Some(decide_ms), Some(harm)) => {
            let last = if decide_ms > 0.0 {
                format!("its last answer came {decide_ms} ms after the decision")
            } else {
                "no answer of it came after the decision".to_owned()
            };
            format!(
                "noticed {} after its first bad answer; {last}; harm lasted {}",
                human(detect),
                human(harm)
            )
        }
        _ => format!("reached {}", release.stage_reached),
    };
    let outcome = release.outcome.replace('_', " ");
    format!(
        "{} ({}): {outcome}; {what}; {bad} of {all} answers were bad.\n",
        release.release, release.version
    )
}
