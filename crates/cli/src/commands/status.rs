//! `ripcord status`: what is happening, why nothing is, what would change it.

use ripcord_model::ReleaseName;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::Exit,
    render,
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
Examples:
  ripcord status
  ripcord status exam-submit-v2
  ripcord status exam-submit-v2 --json | jq .phase";

/// Asks the running server.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let client = desk::client(context)?;
    desk::runtime()?.block_on(async {
        if let Some(release) = arguments.release {
            let status = client.release(&release).await.map_err(|error| desk::failure(context, error))?;
            desk::show(context, &status);
            return Ok(Exit::Done);
        }
        let all = client.releases().await.map_err(|error| desk::failure(context, error))?;
        let mut text = render::releases::releases(&all, &context.look);
        for status in all.iter().filter(|status| !status.phase.is_final()) {
            text.push_str(&format!("\n{}: ", status.release));
            text.push_str(&render::status::status(status, &context.look));
        }
        context.answer(&serde_json::to_value(&all).expect("statuses are plain data"), &text);
        Ok(Exit::Done)
    })
}
