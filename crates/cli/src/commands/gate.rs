//! `ripcord gate`: every check that stands before production, with its reason.

use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::Exit,
    host::Desk,
    render,
};

/// Arguments of `ripcord gate`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// List checks that pass, too
    #[arg(long)]
    all: bool,
    /// Answer as Markdown, for a pull request: one sentence and a table
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

const AFTER_HELP: &str = "\
Asks now and records nothing. A check that cannot be answered blocks like one that fails.
Exit status 0 when the gate would open, 1 when it would not.

With --json, `checks` lists every check as {\"check\", \"status\", \"reason\", \"fix\", \"owner\"};
status is pass, fail, unknown or overridden.

Examples:
  ripcord gate exam-submit-v2 --all
  ripcord gate exam-submit-v2 --markdown | gh pr comment --body-file -";

/// Asks every check now.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let answered = desk.client.gate(&arguments.release).await;
        desk.close().await;
        let answer = answered.map_err(|error| desk::failure(context, error))?;
        let (release, checks) = (arguments.release.as_str(), &answer.checks);
        let text = if arguments.markdown {
            render::gate::markdown(release, checks, arguments.all)
        } else {
            render::gate::gate(release, checks, arguments.all, &context.look)
        };
        context.answer(&serde_json::to_value(&answer).expect("the answers are plain data"), &text);
        Ok(if answer.open { Exit::Done } else { Exit::Refused })
    })
}
