//! `ripcord status`: what is happening, why nothing is, what would change it.

use ripcord_engine::Status;
use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    output, record, render, surroundings,
};

/// Arguments of `ripcord status`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release [default: all, and the one under way in full]
    #[arg(value_parser = release_name)]
    release: Option<ReleaseName>,
}

const AFTER_HELP: &str = "\
Without a running server it says what the record says.

Examples:
  ripcord status
  ripcord status exam-submit-v2
  ripcord status exam-submit-v2 --json | jq .phase";

/// Asks the running server; without one, the record.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let client = desk::client(context)?;
    let asked = desk::runtime()?.block_on(async {
        match &arguments.release {
            Some(release) => client.release(release).await.map(|status| (vec![status], Vec::new())),
            None => Ok((client.releases().await?, client.info().await?.warnings)),
        }
    });
    let ((statuses, warnings), is_live) = match asked {
        Ok(found) => (found, true),
        Err(error) if error.is_no_server() && context.server.is_none() => {
            ((recorded(context, arguments.release.as_ref())?, Vec::new()), false)
        }
        Err(error) => return Err(desk::failure(context, error)),
    };
    if !is_live && !context.json {
        output::line("No server is running; traffic stays where it is. What the record says:\n");
    }
    match (arguments.release, statuses.as_slice()) {
        (Some(_), [status]) => desk::show(context, status),
        (_, all) => list(context, all, &warnings),
    }
    Ok(Exit::Done)
}

fn recorded(context: &Context, release: Option<&ReleaseName>) -> Result<Vec<Status>, CommandError> {
    let all = record::statuses(&context.state()?, surroundings::now())?;
    let Some(release) = release else { return Ok(all) };
    let found: Vec<Status> = all.into_iter().filter(|status| status.release == *release).collect();
    if found.is_empty() {
        return Err(CommandError::refused("no-such-release", format!("no release is called `{release}`"))
            .hinted("ripcord status   lists the releases"));
    }
    Ok(found)
}

/// All releases, and what is the matter with plans that are none yet.
fn list(context: &Context, all: &[Status], warnings: &[String]) {
    let mut text = render::releases::releases(all, &context.look);
    for status in all.iter().filter(|status| !status.phase.is_final()) {
        text.push_str(&format!("\n{}: ", status.release));
        text.push_str(&render::status::status(status, &context.look));
    }
    for status in all.iter().filter(|status| status.phase.is_final()) {
        for owed in &status.postmortems {
            text.push_str(&format!("\n{}: {}\n", status.release, render::postmortem::owed(owed, status.now)));
        }
    }
    let is_shown = |warning: &&String| {
        all.iter()
            .any(|status| !status.phase.is_final() && warning.starts_with(&format!("{}: ", status.release)))
    };
    text.push_str(&render::status::warnings_of_plans(
        warnings.iter().filter(|one| !is_shown(one)),
        &context.look,
    ));
    context.answer(&serde_json::to_value(all).expect("statuses are plain data"), &text);
}
