//! `ripcord policy check`.

use ripcord_server::check_policy;

use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
};

/// Reads the files as a server would.
pub fn run(context: &Context) -> Ended {
    match check_policy(&context.root()?) {
        Ok(source) => {
            let text = if source.is_built_in() {
                "No mistake: there are no files in policy/, and the built-in rules count.\n".to_owned()
            } else {
                format!("No mistake in {source}.\n")
            };
            context.answer(&serde_json::to_value(&source).expect("a source is plain data"), &text);
            Ok(Exit::Done)
        }
        Err(mistakes) => {
            let drawn: Vec<String> = mistakes.0.iter().map(ToString::to_string).collect();
            let findings = serde_json::to_value(&mistakes).expect("mistakes are plain data");
            let count = mistakes.0.len();
            let noun = if count == 1 { "mistake" } else { "mistakes" };
            Err(CommandError::refused(
                "policy-invalid",
                format!("{count} {noun}; a server would not take them"),
            )
            .found(drawn.join("\n") + "\n", findings))
        }
    }
}
