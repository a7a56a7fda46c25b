//! `ripcord policy who`.

use ripcord_model::ReleaseName;
use ripcord_people::Action;
use ripcord_server::api::WhoQuestion;

use crate::{
    commands::Ended,
    context::{Context, release_name},
    desk,
    failure::Exit,
    host::Desk,
    render,
};

/// Arguments of `ripcord policy who`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// What: read, ship, promote, rollback, approve-release, override, manage-people, …
    action: Action,
    /// With which release; without, with the service as a whole
    #[arg(value_parser = release_name)]
    release: Option<ReleaseName>,
    /// Which step of its way back, for approve-step
    #[arg(long, value_name = "STEP", requires = "release")]
    step: Option<String>,
}

const AFTER_HELP: &str = "\
Asks the rules in force, for everybody who is set up. Nothing is recorded.

Examples:
  ripcord policy who approve-release exam-submit-v2
  ripcord policy who approve-step exam-submit-v2 --step undo-attempts
  ripcord policy who manage-people";

/// Says who could.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { action, release, step } = arguments;
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let answer = desk.client.who(&WhoQuestion { action, release, step }).await;
        desk.close().await;
        let answer = answer.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&answer).expect("an answer is plain data");
        context.answer(&value, &render::people::who(&answer));
        Ok(Exit::Done)
    })
}
