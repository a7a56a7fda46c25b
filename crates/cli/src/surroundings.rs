//! What surrounds this process: environment variables, the terminal, the user, the clock of the wall.
//!
//! The only module of the command line that looks at any of them.

use std::{
    env,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use ripcord_model::{Actor, ActorKind, Person, Timestamp};

use crate::{failure::CommandError, render::Look};

/// Columns and lines of the terminal are asked from it; this is for everything else.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether a person can be asked something.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Colour on a terminal only, never with `NO_COLOR`; instants in UTC, or in the zone `TZ` names.
pub fn look() -> Look {
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let zone = env::var("TZ").ok().and_then(|name| TimeZone::get(name.trim_start_matches(':')).ok());
    Look { colour: is_terminal() && !no_colour, zone: zone.unwrap_or(TimeZone::UTC) }
}

/// The state directory named by `RIPCORD_STATE`.
pub fn state_directory() -> Option<PathBuf> {
    env::var_os("RIPCORD_STATE").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The token to come in with, from `RIPCORD_TOKEN` or from the file that `RIPCORD_TOKEN_FILE` names.
pub fn token() -> Result<Option<String>, CommandError> {
    let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    if let Some(token) = set("RIPCORD_TOKEN") {
        return Ok(Some(token));
    }
    let Some(path) = set("RIPCORD_TOKEN_FILE") else { return Ok(None) };
    std::fs::read_to_string(&path).map(Some).map_err(|error| {
        CommandError::usage(format!("RIPCORD_TOKEN_FILE: {path} cannot be read")).because(error)
    })
}

/// Whether names and roles can be tried here: `RIPCORD_DEMO=1`.
pub fn is_demo() -> bool {
    env::var_os("RIPCORD_DEMO").is_some_and(|value| value == "1")
}

/// The agent that `RIPCORD_ACTOR` names, when it is one that acts.
pub fn agent() -> Result<Option<Actor>, CommandError> {
    let name = env::var("RIPCORD_ACTOR").ok().filter(|name| !name.is_empty());
    name.map(|name| Ok(Actor { kind: ActorKind::Agent, name: named(&name)? })).transpose()
}

/// A variable that a file names, when it is set.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Who acts: the operating system's user, or the agent named by `RIPCORD_ACTOR`.
pub fn actor() -> Result<Actor, CommandError> {
    match agent()? {
        Some(agent) => Ok(agent),
        None => Ok(Actor::person(named(&user()?)?)),
    }
}

fn named(name: &str) -> Result<Person, CommandError> {
    Person::new(name).map_err(|error| CommandError::usage(error.to_string()))
}

/// The name of the effective user, not what a variable claims; its number where it has no name.
fn user() -> Result<String, CommandError> {
    let number = rustix::process::geteuid().as_raw();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, uid) = (fields.next()?, fields.next()?, fields.next()?);
        (uid.parse() == Ok(number)).then(|| name.to_owned())
    });
    Ok(name.unwrap_or_else(|| format!("user-{number}")))
}

/// The nearest directory from here upwards that has a `ripcord.yaml`.
pub fn nearest_root() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors().find(|directory| directory.join("ripcord.yaml").is_file()).map(Path::to_path_buf)
}

/// Where this process was started.
pub fn here() -> Result<PathBuf, CommandError> {
    env::current_dir().map_err(|error| {
        CommandError::refused("no-directory", "the current directory cannot be read").because(error)
    })
}

/// This program's own file, to start it again in another role.
pub fn own_program() -> Result<PathBuf, CommandError> {
    env::current_exe().map_err(|error| {
        CommandError::refused("no-program", "the path of this program is unknown").because(error)
    })
}

/// The instant on the wall's clock, for what is shown relative to now where no server says it.
pub fn now() -> Timestamp {
    Timestamp::from_jiff(jiff::Timestamp::now())
}

/// What is fed to this process, line by line as it comes.
pub fn standard_input() -> impl std::io::BufRead {
    std::io::BufReader::new(std::io::stdin())
}

/// Reads one secret line: typed without being shown, or fed to this process.
pub fn secret(question: &str) -> Result<String, CommandError> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let unreadable = |error: std::io::Error| {
        CommandError::refused("no-secret", "the password cannot be read").because(error)
    };
    let input = std::io::stdin();
    let shown = can_ask().then(|| tcgetattr(&input)).transpose().map_err(|error| unreadable(error.into()))?;
    if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        let mut error_stream = std::io::stderr();
        write!(error_stream, "{question} ").and_then(|()| error_stream.flush()).map_err(unreadable)?;
        tcsetattr(&input, OptionalActions::Flush, &hidden).map_err(|error| unreadable(error.into()))?;
    }
    let mut line = String::new();
    let read = input.read_line(&mut line);
    if let Some(shown) = &shown {
        tcsetattr(&input, OptionalActions::Now, shown).map_err(|error| unreadable(error.into()))?;
        writeln!(std::io::stderr()).map_err(unreadable)?;
    }
    read.map_err(unreadable)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asks a person for one line; `None` when nothing was typed.
pub fn ask(question: &str) -> Option<String> {
    let mut error_stream = std::io::stderr();
    write!(error_stream, "{question} ").and_then(|()| error_stream.flush()).ok()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).ok()?;
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
