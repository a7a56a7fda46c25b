//! What every command needs to know about where it runs and for whom.

use std::path::PathBuf;

use ripcord_model::{Actor, ReleaseName};

use crate::{
    arguments::{Global, Tried},
    failure::{CommandError, Exit},
    output,
    render::Look,
    surroundings,
};

/// Where a command runs, for whom, and how it answers.
#[derive(Debug, Clone)]
pub struct Context {
    /// Whether machines read the answer.
    pub json: bool,
    /// How text looks.
    pub look: Look,
    /// The server's address, when one was named.
    pub server: Option<String>,
    /// A name that is tried, and roles with it.
    pub tried: Option<Tried>,
    root: Option<PathBuf>,
    state: Option<PathBuf>,
}

impl Context {
    /// From the arguments that every command takes.
    pub fn new(global: Global) -> Self {
        let Global { json, root, state, server, tried } = global;
        Self { json, look: surroundings::look(), server, tried, root, state }
    }

    /// The service's root: where `ripcord.yaml` is.
    pub fn root(&self) -> Result<PathBuf, CommandError> {
        match &self.root {
            Some(root) if root.join("ripcord.yaml").is_file() => Ok(root.clone()),
            Some(root) => {
                Err(CommandError::refused("no-service", format!("{} has no ripcord.yaml", root.display()))
                    .hinted(format!("ripcord init --root {}", root.display())))
            }
            None => surroundings::nearest_root().ok_or_else(|| {
                let message = "no ripcord.yaml here or in any directory above";
                CommandError::refused("no-service", message)
                    .hinted("go to the service's repository, or name it with --root DIR")
                    .hinted("ripcord init   writes a first one")
            }),
        }
    }

    /// The directory `init` writes into: the named root or the current directory.
    pub fn new_root(&self) -> Result<PathBuf, CommandError> {
        self.root.clone().map_or_else(surroundings::here, Ok)
    }

    /// The state directory: `--state`, `RIPCORD_STATE`, or `.ripcord` beside `ripcord.yaml`.
    pub fn state(&self) -> Result<PathBuf, CommandError> {
        if let Some(state) = self.named_state() {
            return Ok(state);
        }
        Ok(self.root()?.join(".ripcord"))
    }

    /// The state directory, when one was named.
    pub fn named_state(&self) -> Option<PathBuf> {
        self.state.clone().or_else(surroundings::state_directory)
    }

    /// Who acts where no server is asked.
    pub fn actor(&self) -> Result<Actor, CommandError> {
        match &self.tried {
            None => surroundings::actor(),
            Some(tried) if surroundings::is_demo() => Ok(Actor::person(tried.name.clone())),
            Some(_) => {
                Err(CommandError::refused("not-in-demo", "names cannot be tried outside of demo mode")
                    .hinted("RIPCORD_DEMO=1 ripcord --as NAME …   for demonstrations only"))
            }
        }
    }

    /// Prints the answer: `value` for machines, `text` for people.
    pub fn answer(&self, value: &serde_json::Value, text: &str) {
        if self.json { output::line(&value.to_string()) } else { output::raw(text) }
    }

    /// Prints why a command failed, and says how it ends.
    pub fn fail(&self, error: &CommandError) -> Exit {
        if self.json {
            output::line(&error.json().to_string());
        } else {
            output::error(&error.text(&self.look));
        }
        error.exit
    }

    /// The reason a command needs: as given, or asked from a person who can be asked.
    pub fn reason(&self, given: Option<String>, question: &str) -> Result<String, CommandError> {
        if let Some(why) = given {
            return Ok(why);
        }
        let asked = if !self.json && surroundings::can_ask() { surroundings::ask(question) } else { None };
        asked.ok_or_else(|| CommandError::usage("a reason is needed").hinted("add --why \"…\""))
    }
}

/// Reads a release's name from the command line.
pub fn release_name(text: &str) -> Result<ReleaseName, String> {
    let name = text.strip_suffix(".yaml").unwrap_or(text);
    let name = name.strip_prefix("releases/").unwrap_or(name);
    ReleaseName::new(name).map_err(|error| format!("expected {}", error.expected))
}
