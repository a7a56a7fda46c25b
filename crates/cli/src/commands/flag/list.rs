//! `ripcord flag list`.

use ripcord_server::flags::FlagsView;

use super::Where;
use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::Exit,
    host::Desk,
    render::layout::{cut, table},
};

/// Arguments of `ripcord flag list`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
Example:
  ripcord flag list --environment staging";

/// Shows them.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let environment = arguments.place.environment;
    let flags = desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let flags = desk.client.flags(&environment).await;
        desk.close().await;
        flags.map_err(|error| desk::failure(context, error))
    })?;
    let value = serde_json::to_value(&flags).expect("flags are plain data");
    context.answer(&value, &text(&flags, environment.as_str()));
    Ok(Exit::Done)
}

fn text(flags: &FlagsView, environment: &str) -> String {
    if flags.flags.is_empty() {
        return format!(
            "No flags in {environment}\n\n  next       ripcord flag create NAME      a flag that is off\n             ripcord flag load FILE        flags in flagd's format\n"
        );
    }
    let rows: Vec<Vec<String>> = flags
        .flags
        .iter()
        .map(|(key, view)| {
            let changed = format!("{} by {}", view.changed.at, view.changed.by.name);
            let kind = view.definition.metadata.get("ripcord.kind").and_then(serde_json::Value::as_str);
            vec![cut(key, 30), cut(&view.state, 12), kind.unwrap_or("–").to_owned(), cut(&changed, 34)]
        })
        .collect();
    let lines = table(&["flag", "state", "kind", "changed"], &rows, &[]);
    format!("{} flags in {environment}, change {}\n\n{}\n", rows.len(), flags.revision, lines.join("\n"))
}
