//! `ripcord announce`: a named person confirms that people outside are told.

use std::path::PathBuf;

use ripcord_model::{ReleaseName, comms::MessageStatus};
use ripcord_server::telling::Announcement;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    render,
};

/// Arguments of `ripcord announce`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release that is going back or contained
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// What is announced: investigating, identified, monitoring or update
    #[arg(long, value_name = "STATUS", default_value = "identified", value_parser = status)]
    status: MessageStatus,
    /// Your own words instead of the template's: a text file, with {{variables}} if you like
    #[arg(long, value_name = "FILE")]
    edit: Option<PathBuf>,
    /// Why they are told now; without it nothing is sent
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

const AFTER_HELP: &str = "\
Without --why it shows what people outside would be told, and sends nothing. The
all-clear goes out by itself to everybody who was told, when the release is back.

Examples:
  ripcord announce exam-submit-v2
  ripcord announce exam-submit-v2 --why \"support is asked about it\"
  ripcord announce exam-submit-v2 --status monitoring --edit words.txt --why \"it works again\"";

/// Shows what is or would be sent.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { release, status, edit, why } = arguments;
    let text = edit.map(|path| {
        std::fs::read_to_string(&path).map(|text| text.trim().to_owned()).map_err(|error| {
            CommandError::refused("no-such-file", format!("cannot read {}: {error}", path.display()))
        })
    });
    let asked = Announcement { status, text: text.transpose()?, why };
    let client = desk::client(context)?;
    let announced = desk::runtime()?
        .block_on(client.announce(&release, &asked))
        .map_err(|error| desk::failure(context, error))?;
    let value = serde_json::to_value(&announced).expect("an announcement is plain data");
    context.answer(&value, &render::messages::announced(&release, &announced, &context.look));
    Ok(Exit::Done)
}

fn status(text: &str) -> Result<MessageStatus, String> {
    MessageStatus::of(text).filter(|status| *status != MessageStatus::Resolved).ok_or_else(|| {
        "expected investigating, identified, monitoring or update; the all-clear goes out by itself"
            .to_owned()
    })
}
