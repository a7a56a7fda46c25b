//! Whether what a workload needs is there: variables, files, and whatever a command can find out.
//!
//! Invariant: presence only. No value of a variable, byte of a file or output of a command reaches an answer, a log or
//! an error; the command's output is not even read.

use std::{fs::File, io::Read as _, path::Path};

use ripcord_model::blueprint::{Requires, WorkloadBinding};

use crate::{
    Context,
    port::AdapterError,
    shell::{self, Shell},
};

/// Handed on to every workload.
const ALWAYS: [&str; 3] = ["PATH", "HOME", "LANG"];

/// Something that is required and not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The variable is not set where Ripcord runs.
    #[error("the variable {0} is not set")]
    Unset(String),
    /// It is set to nothing.
    #[error("the variable {0} is empty")]
    Empty(String),
    /// It is set, and the workload would not see it.
    #[error("the variable {0} is set, but not handed on to the workload")]
    NotHandedOn(String),
    /// There is no such file.
    #[error("there is no file {0}")]
    NoFile(String),
    /// It cannot be read, or is no file.
    #[error("the file {path} cannot be read: {why}")]
    Unreadable {
        /// As written.
        path: String,
        /// What the system says, never what stands in it.
        why: String,
    },
    /// Nothing stands in it.
    #[error("the file {0} is empty")]
    EmptyFile(String),
    /// The command says no.
    #[error("`{command}` ended with {how}")]
    Refused {
        /// The command line as written.
        command: String,
        /// Its status.
        how: String,
    },
    /// The command said nothing.
    #[error("`{command}` {why}")]
    Unanswered {
        /// The command line as written.
        command: String,
        /// What happened instead.
        why: String,
    },
}

impl Missing {
    /// Whether it is known to be missing; otherwise it could not be found out.
    pub const fn is_an_answer(&self) -> bool {
        match self {
            Self::Unset(_)
            | Self::Empty(_)
            | Self::NotHandedOn(_)
            | Self::NoFile(_)
            | Self::Unreadable { .. }
            | Self::EmptyFile(_)
            | Self::Refused { .. } => true,
            Self::Unanswered { .. } => false,
        }
    }
}

/// Everything of `requires` that is not there for `version` of `workload`; commands are run all at once.
pub async fn missing(
    requires: &Requires,
    workload: &WorkloadBinding,
    version: &str,
    context: &Context,
) -> Vec<Missing> {
    let handed_on = match workload {
        WorkloadBinding::Process(process) => &process.environment,
        WorkloadBinding::Command(command) => &command.environment,
    };
    let mut missing: Vec<Missing> =
        requires.env.iter().filter_map(|name| variable(name, handed_on)).collect();
    missing.extend(requires.files.iter().filter_map(|path| file(path, &context.resolve(path))));
    let shell = Shell {
        directory: context.root.clone(),
        environment: handed_on.clone(),
        timeout: requires.timeout.to_std(),
    };
    let mut asked = tokio::task::JoinSet::new();
    for (number, line) in requires.commands.iter().enumerate() {
        let (shell, line, version) = (shell.clone(), line.clone(), version.to_owned());
        asked.spawn(async move { (number, command(&shell, &line, &version).await) });
    }
    let mut refused = asked.join_all().await;
    refused.sort_by_key(|(number, _)| *number);
    missing.extend(refused.into_iter().filter_map(|(_, missing)| missing));
    missing
}

fn variable(name: &str, handed_on: &[String]) -> Option<Missing> {
    match std::env::var_os(name) {
        None => Some(Missing::Unset(name.to_owned())),
        Some(value) if value.is_empty() => Some(Missing::Empty(name.to_owned())),
        Some(_) if ALWAYS.contains(&name) || handed_on.iter().any(|known| known == name) => None,
        Some(_) => Some(Missing::NotHandedOn(name.to_owned())),
    }
}

/// A file is there when its first byte can be read: permissions alone say little.
fn file(shown: &str, path: &Path) -> Option<Missing> {
    let unreadable = |why: String| Some(Missing::Unreadable { path: shown.to_owned(), why });
    // Looked at before it is opened: opening a pipe would wait for somebody who writes.
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Some(Missing::NoFile(shown.to_owned()));
        }
        Err(error) => return unreadable(error.to_string()),
        Ok(data) if !data.is_file() => return unreadable("it is not a file".to_owned()),
        Ok(_) => {}
    }
    match File::open(path).and_then(|mut file| file.read(&mut [0])) {
        Ok(0) => Some(Missing::EmptyFile(shown.to_owned())),
        Ok(_) => None,
        Err(error) => unreadable(error.to_string()),
    }
}

async fn command(shell: &Shell, line: &str, version: &str) -> Option<Missing> {
    let command = line.to_owned();
    let unanswered = |why: String| Some(Missing::Unanswered { command: command.clone(), why });
    let filled = match shell::fill(line, &[("version", version)]) {
        Ok(filled) => filled,
        Err(error) => return unanswered(error.to_string()),
    };
    // The first line is run before the second is read, so that nothing of it, not even a mistake in its syntax, is heard.
    match shell.run(&format!("exec >/dev/null 2>&1\n{filled}")).await {
        Ok(ended) => match ended.code {
            Some(0) => None,
            _ if ended.not_found() => unanswered("could not run: the program is missing".to_owned()),
            Some(code) => Some(Missing::Refused { command, how: format!("status {code}") }),
            None => Some(Missing::Refused { command, how: "a signal".to_owned() }),
        },
        Err(AdapterError::Transient(_)) => {
            unanswered(format!("did not end within {} and was killed", shell::human(shell.timeout)))
        }
        Err(AdapterError::Permanent(_) | AdapterError::Superseded { .. }) => {
            unanswered(format!("could not be started in {}", shell.directory.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Duration, blueprint::CommandWorkload};

    use super::*;

    fn context(root: &Path) -> Context {
        Context {
            root: root.to_owned(),
            state: root.join(".ripcord"),
            environment: "production".parse().unwrap(),
            ripcord_program: "ripcord".into(),
        }
    }

    fn workload(environment: &[&str]) -> WorkloadBinding {
        WorkloadBinding::Command(CommandWorkload {
            start: String::new(),
            stop: String::new(),
            endpoints: String::new(),
            digests: None,
            timeout: Duration::from_secs(1),
            environment: environment.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    fn requires(env: &[&str], files: &[&str], commands: &[&str]) -> Requires {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (env, files, commands) = (owned(env), owned(files), owned(commands));
        Requires { env, files, commands, timeout: Duration::from_ms(500) }
    }

    async fn ask(root: &Path, asked: &Requires) -> Vec<Missing> {
        missing(asked, &workload(&["CARGO_MANIFEST_DIR"]), "v2", &context(root)).await
    }

    #[tokio::test]
    async fn variables_must_be_set_and_handed_on() {
        let root = tempfile::tempdir().unwrap();
        let asked = requires(&["CARGO_MANIFEST_DIR", "PATH", "NO_SUCH_VARIABLE", "CARGO_PKG_NAME"], &[], &[]);
        let missing = ask(root.path(), &asked).await;
        assert_eq!(
            missing,
            [Missing::Unset("NO_SUCH_VARIABLE".into()), Missing::NotHandedOn("CARGO_PKG_NAME".into())]
        );
    }

    #[tokio::test]
    async fn files_must_be_there_be_files_and_not_be_empty() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("key"), "hunter2").unwrap();
        std::fs::write(root.path().join("empty"), "").unwrap();
        std::fs::create_dir(root.path().join("folder")).unwrap();
        let missing = ask(root.path(), &requires(&[], &["key", "empty", "folder", "none"], &[])).await;
        let said: Vec<String> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "the file empty is empty",
                "the file folder cannot be read: it is not a file",
                "there is no file none"
            ]
        );
    }

    #[tokio::test]
    async fn a_command_answers_by_its_status_alone_and_what_it_prints_is_dropped() {
        let root = tempfile::tempdir().unwrap();
        let asked = requires(
            &[],
            &[],
            &[
                "echo hunter2",
                "echo OK; echo hunter2 >&2; exit 1",
                "no-such-program-here hunter2-is-not-in-the-output",
                "echo hunter2; sleep 60",
                "test {version} = v2",
                "kill -9 $$",
                "if",
            ],
        );
        let missing = ask(root.path(), &asked).await;
        let said: Vec<String> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "`echo OK; echo hunter2 >&2; exit 1` ended with status 1",
                "`no-such-program-here hunter2-is-not-in-the-output` could not run: the program is missing",
                "`echo hunter2; sleep 60` did not end within 500 ms and was killed",
                "`kill -9 $$` ended with a signal",
                "`if` ended with status 2",
            ]
        );
        let answers: Vec<bool> = missing.iter().map(Missing::is_an_answer).collect();
        assert_eq!(answers, [true, false, false, true, true]);
    }

    #[tokio::test]
    async fn a_child_that_stays_behind_does_not_hold_the_answer() {
        let root = tempfile::tempdir().unwrap();
        let begun = tokio::time::Instant::now();
        assert_eq!(ask(root.path(), &requires(&[], &[], &["sleep 3 & exit 0"])).await, []);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
