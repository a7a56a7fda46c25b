//! `ripcord flag clients`.

use ripcord_server::{
    api::FlagClients,
    flags::{ClientKind, ClientView},
};

use super::Where;
use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::Exit,
    render::layout::{cut, table},
};

/// Arguments of `ripcord flag clients`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
A client that keeps its answers serves the old ones until it asks again. One that has a
stream open is told at once; one that polls asks by itself; after a minute without a
question it does not count as there. A client names itself in the header x-ripcord-client.

Example:
  ripcord flag clients --environment staging";

/// Shows them.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let environment = arguments.place.environment;
    let client = desk::client(context)?;
    let heard = desk::runtime()?
        .block_on(client.flag_clients(&environment, None, 0))
        .map_err(|error| desk::failure(context, error))?;
    let value = serde_json::to_value(&heard).expect("clients are plain data");
    context.answer(&value, &text(&heard, environment.as_str()));
    Ok(Exit::Done)
}

fn text(heard: &FlagClients, environment: &str) -> String {
    let confirmation = &heard.confirmation;
    let all = confirmation.confirmed + confirmation.behind.len();
    let head = match (all, confirmation.behind.len()) {
        (0, _) => format!("No client that keeps answers is there in {environment}"),
        (all, 0) => format!("All {all} clients that keep answers have change {}", confirmation.revision),
        (all, behind) => format!("{behind} of {all} clients are behind change {}", confirmation.revision),
    };
    if heard.clients.is_empty() {
        return format!("{head}\n");
    }
    let rows: Vec<Vec<String>> =
        heard.clients.iter().map(|client| row(client, confirmation.revision)).collect();
    let lines = table(&["client", "asks by", "change", "asked", ""], &rows, &[2]);
    format!("{head}\n\n{}\n", lines.join("\n"))
}

fn row(client: &ClientView, newest: u64) -> Vec<String> {
    let (kind, keeps) = match client.kind {
        ClientKind::Stream => ("stream", true),
        ClientKind::Poll => ("polling", true),
        ClientKind::Single => ("single flags", false),
    };
    let state = match (client.live, keeps && client.revision < newest) {
        (false, _) => "gone",
        (true, true) => "behind",
        (true, false) => "",
    };
    let asked = format!("{} s ago", client.asked_ms_ago / 1_000);
    vec![cut(&client.name, 36), kind.to_owned(), client.revision.to_string(), asked, state.to_owned()]
}
