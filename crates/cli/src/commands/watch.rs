//! `ripcord watch`: the live screen.

use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    output, screen, surroundings,
};

/// Arguments of `ripcord watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release [default: the one under way]
    #[arg(value_parser = release_name)]
    release: Option<ReleaseName>,
}

const AFTER_HELP: &str = "\
Keys: h holds, r goes back (asks why, then once more), q leaves; the release goes on.
Off a terminal, or with --json, every status is one line of JSON.

Example:
  ripcord watch exam-submit-v2";

/// Shows the release until it is left.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let client = desk::client(context)?;
    desk::runtime()?.block_on(async {
        let release = match arguments.release {
            Some(release) => release,
            None => under_way(context, &client).await?,
        };
        if context.json || !surroundings::is_terminal() {
            return lines(context, &client, &release).await;
        }
        screen::run::run(context, client, release).await
    })
}

async fn under_way(
    context: &Context,
    client: &ripcord_server::client::Client,
) -> Result<ReleaseName, CommandError> {
    let all = client.releases().await.map_err(|error| desk::failure(context, error))?;
    let newest = all.iter().rev().find(|status| !status.phase.is_final()).or(all.last());
    newest.map(|status| status.release.clone()).ok_or_else(|| {
        CommandError::refused("no-such-release", "there is no release yet").hinted("ripcord ship NAME")
    })
}

async fn lines(context: &Context, client: &ripcord_server::client::Client, release: &ReleaseName) -> Ended {
    let mut watch = client.watch(release).await.map_err(|error| desk::failure(context, error))?;
    let mut ended = Exit::Done;
    while let Some(status) = watch.next().await {
        let status = status.map_err(|error| desk::failure(context, error))?;
        output::line(&serde_json::to_string(&status).expect("a status is plain data"));
        ended = desk::outcome(&status);
    }
    Ok(ended)
}
