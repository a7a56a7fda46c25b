//! A template for a channel that does not exist is never used.

use crate::{
    ServiceFile,
    comms::{Audience, TemplateFile},
    diagnostic::{Code, Diagnostic, Diagnostics},
    yaml::nearest,
};

/// Whether a template is for somebody.
pub fn lint_template(service: &ServiceFile, template: &TemplateFile) -> Diagnostics {
    let mut found = Diagnostics::new();
    let audiences = [Audience::Internal.word(), Audience::Outside.word()];
    let channels = service.channels.iter().map(|channel| channel.value.name.as_str());
    let known: Vec<&str> = audiences.into_iter().chain(channels).collect();
    let named = template.channel.value.as_str();
    if !known.contains(&named) {
        let message = format!(
            "no channel of {} is called `{}`",
            service.path,
            named.chars().take(40).collect::<String>()
        );
        let mut diagnostic =
            Diagnostic::error(Code::UNKNOWN_CHANNEL, &template.path, template.channel.place, message)
                .expected(format!("one of: {}", known.join(", ")));
        if let Some(similar) = nearest(named, &known) {
            diagnostic = diagnostic.help(format!("did you mean `{similar}`?"));
        }
        found.push(diagnostic);
    }
    found
}
