//! `ripcord override`: an executive accepts a check that does not pass, for a while, and owes a post-mortem.

use ripcord_model::{
    Person, ReleaseName,
    paper::{Expiry, NewOverride},
};

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::Exit,
    host::Desk,
    render,
};

/// Arguments of `ripcord override`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// The check that does not pass, as `ripcord gate` names it
    check: String,
    /// Why it is accepted as it is
    #[arg(long, value_name = "TEXT", alias = "why")]
    reason: Option<String>,
    /// Until when: a duration (4h) or an instant (2026-11-22T18:00Z); 14 days at most
    #[arg(long, value_name = "TIME")]
    expires: Expiry,
    /// Who writes the post-mortem [default: the release's owner]
    #[arg(long, value_name = "NAME")]
    owner: Option<Person>,
}

const AFTER_HELP: &str = "\
An executive who does not own the release accepts, under their name, a check that fails
or cannot be answered. In the same moment a post-mortem is opened: a page under
postmortems/, due in 48 hours, which stays on `ripcord status` until it is closed.

The override is of the plan as it stands now: whatever changes in it voids the override.
Nothing overrides the way back: lint-clean, one-way, last-good, way-back and
offline-way-back, nor owner-is-not-approver and one-release. For a freeze there is
`ripcord approve RELEASE --despite-freeze`.

Examples:
  ripcord override exam-submit-v2 rehearsal --reason \"staging is down\" --expires 4h
  ripcord override exam-submit-v2 capacity --reason \"load test follows\" \\
      --expires 2026-11-22T18:00Z --owner ran";

/// Records the override and says what is owed for it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { release, check, reason, expires, owner } = arguments;
    let reason = context.reason(reason, "Why accept it as it is?")?;
    let new = NewOverride { check, reason, expires, owner };
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let opened = desk.client.override_check(&release, &new).await;
        desk.close().await;
        let opened = opened.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&opened).expect("a post-mortem is plain data");
        context.answer(&value, &render::postmortem::opened(&opened, &context.look));
        Ok(Exit::Done)
    })
}
