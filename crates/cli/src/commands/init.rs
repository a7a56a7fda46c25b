//! `ripcord init`: a first ripcord.yaml, plan and runbook, by asking or by flags.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use ripcord_model::{
    Person, ServiceName, VersionName,
    init::{Answers, MetricsChoice, RouterChoice, init},
};

use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
    output, surroundings,
};

/// Arguments of `ripcord init`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// What is released [default: the directory's name]
    #[arg(long, value_name = "NAME")]
    service: Option<ServiceName>,
    /// Who owns it [default: you]
    #[arg(long, value_name = "NAME")]
    owner: Option<Person>,
    /// Who is woken at night [default: the owner]
    #[arg(long, value_name = "NAME")]
    on_call: Option<Person>,
    /// Starts one version: a command line with {port} and {version}
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// The port on which users reach production
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// What splits the traffic [default: edge]
    #[arg(long, value_enum)]
    router: Option<Router>,
    /// Where the numbers come from [default: scrape]
    #[arg(long, value_enum)]
    metrics: Option<Metrics>,
    /// The version that runs now [default: v1]
    #[arg(long, value_name = "VERSION")]
    last_good: Option<VersionName>,
    /// The version that goes out first [default: v2]
    #[arg(long, value_name = "VERSION")]
    version: Option<VersionName>,
    /// Take the defaults for everything that is not given
    #[arg(long, short)]
    yes: bool,
}

/// What splits the traffic.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Router {
    /// Ripcord's own splitter
    Edge,
    /// nginx with an include file
    Nginx,
}

/// Where the numbers come from.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Metrics {
    /// The versions' own /metrics
    Scrape,
    /// A Prometheus server
    Prometheus,
}

const AFTER_HELP: &str = "\
Writes ripcord.yaml, releases/first.yaml and runbooks/first.md; they lint clean and teach
while they are read. Never overwrites. On a terminal it asks for what is not given.

Examples:
  ripcord init
  ripcord init --yes --service exams --command \"bin/exams-{version} --port {port}\"";

/// Asks, writes, and says what to do next.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let root = context.new_root()?;
    let asks = !arguments.yes && !context.json && surroundings::can_ask();
    let answers = answers(context, &root, arguments, asks)?;
    let files = init(&answers);
    if let Some((taken, _)) = files.iter().find(|(name, _)| root.join(name).exists()) {
        let message = format!("{} is there already, and nothing is overwritten", root.join(taken).display());
        return Err(
            CommandError::refused("exists-already", message).hinted("ripcord lint   checks what is there")
        );
    }
    for (name, text) in &files {
        write(&root.join(name), text)?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = format!("Wrote {} in {}\n\n", listed(&names), root.display());
    text.push_str("  next       read them, then: ripcord lint && ripcord plan first\n");
    context.answer(&serde_json::json!({ "root": root, "files": names }), &text);
    Ok(Exit::Done)
}

fn answers(
    context: &Context,
    root: &Path,
    arguments: Arguments,
    asks: bool,
) -> Result<Answers, CommandError> {
    let service = match arguments.service {
        Some(service) => service,
        None => asked("What is released?", &directory_name(root), asks)?,
    };
    let owner = match arguments.owner {
        Some(owner) => owner,
        None => asked("Who owns it?", context.actor()?.name.as_str(), asks)?,
    };
    let mut answers = Answers::new(service, owner);
    answers.on_call = match arguments.on_call {
        Some(person) => person,
        None => asked("Who is woken at night?", answers.owner.as_str(), asks)?,
    };
    answers.command = match arguments.command {
        Some(command) => command,
        None => asked("Which command starts a version?", &answers.command.clone(), asks)?,
    };
    answers.port = match arguments.port {
        Some(port) => port,
        None => asked("On which port do users reach it?", &answers.port.to_string(), asks)?,
    };
    answers.last_good = arguments.last_good.map_or(answers.last_good, String::from);
    answers.version = arguments.version.map_or(answers.version, String::from);
    answers.router = match arguments.router {
        Some(Router::Nginx) => RouterChoice::Nginx,
        Some(Router::Edge) | None => RouterChoice::Edge,
    };
    answers.metrics = match arguments.metrics {
        Some(Metrics::Prometheus) => MetricsChoice::Prometheus,
        Some(Metrics::Scrape) | None => MetricsChoice::Scrape,
    };
    Ok(answers)
}

/// The answer to a question, asked again until it can be one; the default where nobody is asked.
fn asked<T>(question: &str, default: &str, asks: bool) -> Result<T, CommandError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    const ATTEMPTS_MAX: usize = 5;
    for _ in 0..ATTEMPTS_MAX {
        let typed = if asks { surroundings::ask(&format!("{question} [{default}]")) } else { None };
        match typed.as_deref().unwrap_or(default).parse() {
            Ok(value) => return Ok(value),
            Err(error) if asks => output::error(&format!("  {error}\n")),
            Err(error) => return Err(CommandError::usage(error.to_string())),
        }
    }
    Err(CommandError::usage(format!("no answer to: {question}")))
}

/// `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// The directory's name as a service name, as far as it can be one.
fn directory_name(root: &Path) -> String {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let name = absolute.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(63).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "my-service".to_owned() } else { plain.to_owned() }
}

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::refused("unwritable", format!("{} cannot be written", path.display())).because(error)
    };
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    // Fails rather than overwrites, also when somebody writes it at this moment.
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
