//! `ripcord policy init`.

use std::{fs, io::Write as _, path::Path};

use ripcord_people::policy::{DEFAULT, SCHEMA};

use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
};

const FILES: [(&str, &str); 2] = [("ripcord.cedar", DEFAULT), ("ripcord.cedarschema", SCHEMA)];

/// Arguments of `ripcord policy init`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Write over files that are there
    #[arg(long)]
    force: bool,
}

const AFTER_HELP: &str = "\
Writes policy/ripcord.cedar, the built-in rules, and policy/ripcord.cedarschema, what
they can speak about. As long as nothing is changed in them, nothing changes.

Example:
  ripcord policy init";

/// Writes the files.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { force } = arguments;
    let folder = context.root()?.join("policy");
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::refused("unwritable", format!("{} cannot be written", path.display())).because(error)
    };
    if let Some((name, _)) = FILES.iter().find(|(name, _)| !force && folder.join(name).exists()) {
        return Err(CommandError::refused("file-exists", format!("policy/{name} is there already"))
            .hinted("ripcord policy init --force   writes over it"));
    }
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    for (name, text) in FILES {
        let path = folder.join(name);
        let mut file = fs::File::create(&path).map_err(|error| failed(&path, error))?;
        file.write_all(text.as_bytes()).map_err(|error| failed(&path, error))?;
    }
    let written: Vec<String> = FILES.iter().map(|(name, _)| format!("policy/{name}")).collect();
    let text = format!(
        "Written: {}\n\nThey say what counts anyway. Change them, then: ripcord policy check\n",
        written.join(", ")
    );
    context.answer(&serde_json::json!({ "written": written }), &text);
    Ok(Exit::Done)
}
