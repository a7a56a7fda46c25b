//! First files for a service: a `ripcord.yaml`, a plan and a runbook that lint without a complaint and teach while they
//! are read.
//!
//! Refuses to know: the terminal that asks, and the file system that the files are written to.

mod plan;
mod runbook;
mod service;

#[cfg(test)]
mod tests;

use crate::{Person, ServiceName};

/// Which router stands before the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouterChoice {
    /// Ripcord's own splitter.
    Edge,
    /// nginx with an include file.
    Nginx,
}

/// Where the numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsChoice {
    /// The versions' own `/metrics`.
    Scrape,
    /// A Prometheus server.
    Prometheus,
}

/// What has to be known about a service to write its first files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// What is released.
    pub service: ServiceName,
    /// Who owns it, and the first release.
    pub owner: Person,
    /// Who is woken at night.
    pub on_call: Person,
    /// The port on which users reach production.
    pub port: u16,
    /// Which router stands before it.
    pub router: RouterChoice,
    /// Where the numbers come from.
    pub metrics: MetricsChoice,
    /// Starts one version: a command line with `{port}` and `{version}` or `{artifact}`.
    pub command: String,
    /// The version that runs now.
    pub last_good: String,
    /// The version that goes out first.
    pub version: String,
}

impl Answers {
    /// What is assumed about a service of which only the name is known.
    pub fn new(service: ServiceName, owner: Person) -> Self {
        let command = format!("bin/{service}-{{version}} --port {{port}}");
        let on_call = owner.clone();
        Self {
            service,
            owner,
            on_call,
            port: 8080,
            router: RouterChoice::Edge,
            metrics: MetricsChoice::Scrape,
            command,
            last_good: "v1".to_owned(),
            version: "v2".to_owned(),
        }
    }
}

/// The files, by path relative to the service's root: `ripcord.yaml`, `releases/first.yaml` and `runbooks/first.md`.
pub fn init(answers: &Answers) -> Vec<(String, String)> {
    vec![
        ("ripcord.yaml".to_owned(), service::render(answers)),
        ("releases/first.yaml".to_owned(), plan::render(answers)),
        ("runbooks/first.md".to_owned(), runbook::render(answers)),
    ]
}

/// A text as a double-quoted YAML scalar.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
