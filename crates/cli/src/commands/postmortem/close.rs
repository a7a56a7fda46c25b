//! `ripcord postmortem close`.

use std::path::PathBuf;

use ripcord_model::{PostMortemId, post_mortem::PAGE_BYTES_MAX};
use ripcord_server::WrittenPostMortem;

use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::{CommandError, Exit},
    host::Desk,
    render, surroundings,
};

/// Arguments of `ripcord postmortem close`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Its name, as `ripcord status` says it
    #[arg(value_name = "ID")]
    id: PostMortemId,
    /// The page that was written
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

const AFTER_HELP: &str = "\
Who writes the post-mortem may close it, and an admin. Every section has to say something,
and nothing may be left to be written. The file's digest goes on record; the file stays yours.

Example:
  ripcord postmortem close exam-submit-v2-1 --file postmortems/exam-submit-v2-1.md";

/// Closes it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { id, file } = arguments;
    let written = read(&file)?;
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let closed = desk.client.close_post_mortem(&id, &written).await;
        desk.close().await;
        let closed = closed.map_err(|error| desk::failure(context, error))?;
        let value = serde_json::to_value(&closed).expect("a post-mortem is plain data");
        context.answer(&value, &render::postmortem::show(&closed, surroundings::now(), &context.look));
        Ok(Exit::Done)
    })
}

fn read(file: &std::path::Path) -> Result<WrittenPostMortem, CommandError> {
    use std::io::Read as _;
    let unreadable = |error: std::io::Error| {
        CommandError::refused("unreadable-file", format!("{} cannot be read", file.display())).because(error)
    };
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file).map_err(unreadable)?;
    open.take(PAGE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > PAGE_BYTES_MAX {
        let message = format!("{} is too long: expected at most {PAGE_BYTES_MAX} bytes", file.display());
        return Err(CommandError::refused("postmortem-not-finished", message));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        CommandError::refused("unreadable-file", format!("{} is not UTF-8 text", file.display()))
    })?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(WrittenPostMortem { name, text })
}
