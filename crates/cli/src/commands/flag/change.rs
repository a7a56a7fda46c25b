//! What every change of a flag has in common: it is asked for, put on record, and told to the clients.

use std::time::{Duration, Instant};

use ripcord_flags::Edit;
use ripcord_server::{
    api::{FlagChange, FlagClients},
    flags::{ClientView, FlagsView},
};

use super::Where;
use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::{CommandError, Exit},
    host::Desk,
};

/// Whether and how long to wait for the clients.
#[derive(Debug, clap::Args)]
pub(super) struct Waiting {
    /// Wait until every client that is there has heard of it; status 1 names those who have not
    #[arg(long)]
    wait: bool,
    /// How long to wait, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "wait")]
    within: u64,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

/// How long one question to the server waits.
const ASK_MS: u64 = 2_000;
/// How many clients are named.
const NAMED_MAX: usize = 10;

/// Asks for a change and says how it went. `done` tells of the flags afterwards.
pub(super) fn change(
    context: &Context,
    place: &Where,
    edit: Edit,
    waiting: Waiting,
    done: impl Fn(&FlagsView) -> String,
) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let changed = ask(&desk, context, place, edit, waiting, done).await;
        desk.close().await;
        changed
    })
}

async fn ask(
    desk: &Desk,
    context: &Context,
    place: &Where,
    edit: Edit,
    waiting: Waiting,
    done: impl Fn(&FlagsView) -> String,
) -> Ended {
    let change = FlagChange { change: edit, why: waiting.why };
    let failed = |error| desk::failure(context, error);
    let flags = desk.client.change_flags(&place.environment, &change).await.map_err(failed)?;
    let said = done(&flags);
    if !waiting.wait {
        let value = serde_json::json!({ "revision": flags.revision, "said": said });
        context.answer(&value, &format!("{said}\n"));
        return Ok(Exit::Done);
    }
    let began = Instant::now();
    let limit = Duration::from_secs(waiting.within);
    loop {
        let left = limit.saturating_sub(began.elapsed());
        let wait_ms = u64::try_from(left.as_millis()).unwrap_or(ASK_MS).min(ASK_MS);
        let heard = desk
            .client
            .flag_clients(&place.environment, Some(flags.revision), wait_ms)
            .await
            .map_err(failed)?;
        if heard.confirmation.is_complete() || left.is_zero() {
            return answer(context, &said, flags.revision, &heard, began.elapsed());
        }
    }
}

fn answer(context: &Context, said: &str, revision: u64, heard: &FlagClients, took: Duration) -> Ended {
    let behind = &heard.confirmation.behind;
    let (confirmed, all) = (heard.confirmation.confirmed, heard.confirmation.confirmed + behind.len());
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if behind.is_empty() {
        let text = match all {
            0 => format!("{said}\nNo client that keeps answers is there, so nobody has to hear of it\n"),
            _ => {
                format!("{said}\nAll {all} clients that keep answers have heard of it, after {took_ms} ms\n")
            }
        };
        let value = serde_json::json!({
            "revision": revision, "said": said, "confirmed": confirmed, "behind": [], "took_ms": took_ms,
        });
        context.answer(&value, &text);
        return Ok(Exit::Done);
    }
    let message = format!(
        "{} of {all} clients have not heard of it after {took_ms} ms: {}",
        behind.len(),
        names(behind)
    );
    Err(CommandError::refused("clients-behind", format!("{said}, but {message}"))
        .hinted("ripcord flag clients   shows them")
        .hinted("ripcord rollback RELEASE --level deploy   does not wait for clients"))
}

fn names(behind: &[ClientView]) -> String {
    let names: Vec<&str> = behind.iter().take(NAMED_MAX).map(|client| client.name.as_str()).collect();
    match behind.len().saturating_sub(NAMED_MAX) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
