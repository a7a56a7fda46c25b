//! `ripcord explain`: the page of a code.

use ripcord_model::{all_codes, explain};

use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
};

/// Arguments of `ripcord explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The code, as lint prints it [default: list them all]
    code: Option<String>,
}

const AFTER_HELP: &str = "\
Example:
  ripcord explain RC0107";

/// Prints the page, or the first line of every page.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Some(code) = arguments.code else {
        list(context);
        return Ok(Exit::Done);
    };
    let page = explain(&code.to_ascii_uppercase()).ok_or_else(|| {
        CommandError::refused("no-such-code", format!("no code is called `{code}`"))
            .hinted("ripcord explain   lists them all")
    })?;
    let text = format!("{}\n", page.trim_end());
    context.answer(&serde_json::json!({ "code": code.to_ascii_uppercase(), "page": page }), &text);
    Ok(Exit::Done)
}

fn list(context: &Context) {
    let mut codes = Vec::new();
    let mut text = String::new();
    for code in all_codes() {
        let title = explain(code.as_str()).and_then(|page| page.lines().next()).unwrap_or_default();
        let title = title.trim_start_matches(['#', ' ']);
        let title =
            title.strip_prefix(code.as_str()).map_or(title, |rest| rest.trim_start_matches([':', ' ']));
        text.push_str(&format!("{code}  {title}\n"));
        codes.push(serde_json::json!({ "code": code, "title": title }));
    }
    context.answer(&serde_json::json!({ "codes": codes }), &text);
}
