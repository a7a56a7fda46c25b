//! The only place where this crate starts programs.
//!
//! [`run`] is for short commands: bounded in time and in output, the whole process group killed when it takes too
//! long or nobody waits any more. [`detached`] is for programs that outlive the control plane. Both see an
//! environment of `PATH`, `HOME`, `LANG` and the names the blueprint lists, and nothing else.

pub(crate) mod detached;
mod environment;
mod output;
mod placeholder;

use std::{path::PathBuf, process::Stdio, time::Duration};

pub(crate) use environment::{environment, mask};
pub(crate) use placeholder::fill;
use rustix::process::Signal;

use crate::{port::AdapterError, process_table};

/// How a shell reports a program it could not find.
const NOT_FOUND: i32 = 127;
/// How long output may trickle in after the command itself has ended: a daemon it left behind may hold the pipe.
const AFTERGLOW: Duration = Duration::from_millis(250);

/// Runs short commands with `sh -c`.
#[derive(Debug, Clone)]
pub(crate) struct Shell {
    /// Where commands run.
    pub directory: PathBuf,
    /// Names of environment variables handed on besides the standard ones.
    pub environment: Vec<String>,
    /// How long one command may take.
    pub timeout: Duration,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output, the last part when it was much.
    pub output: String,
    /// What it wrote to standard error, likewise.
    pub errors: String,
    /// Variables it was handed, whose values nobody else may see.
    handed: Vec<String>,
}

impl Ended {
    /// Whether the program was missing.
    pub(crate) fn not_found(&self) -> bool {
        self.code == Some(NOT_FOUND)
    }

    /// Standard output when the exit status is 0; otherwise an error with everything the command said.
    pub(crate) fn success(self, command: &str) -> Result<String, AdapterError> {
        match self.code {
            Some(0) => Ok(self.output),
            Some(NOT_FOUND) => Err(AdapterError::Permanent(format!(
                "`{command}` could not run: {}; install the program or correct its path",
                self.said()
            ))),
            Some(code) => {
                Err(AdapterError::Transient(format!("`{command}` ended with status {code}: {}", self.said())))
            }
            None => {
                Err(AdapterError::Transient(format!("`{command}` was killed by a signal: {}", self.said())))
            }
        }
    }

    /// What it said, for people: standard error first.
    pub(crate) fn said(&self) -> String {
        let parts: Vec<&str> =
            [self.errors.trim(), self.output.trim()].into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "it printed nothing".to_owned() } else { mask(&parts.join("\n"), &self.handed) }
    }
}

/// Kills the group unless the command has ended: also when the future that waits for it is dropped.
struct Group {
    id: Option<i32>,
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            process_table::signal_group(id, Signal::KILL);
        }
    }
}

impl Shell {
    /// Runs `command` to its end.
    pub(crate) async fn run(&self, command: &str) -> Result<Ended, AdapterError> {
        let mut child = tokio::process::Command::new("sh")
            .arg("-c")
            .arg(command)
            .current_dir(&self.directory)
            .env_clear()
            .envs(environment(&self.environment))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| {
                let directory = self.directory.display();
                AdapterError::Permanent(format!("`{command}` could not be started in {directory}: {error}"))
            })?;
        let mut group = Group { id: child.id().and_then(|id| i32::try_from(id).ok()) };
        let output = output::collect(child.stdout.take());
        let errors = output::collect(child.stderr.take());
        let waited = tokio::time::timeout(self.timeout, child.wait()).await;
        let Ok(waited) = waited else {
            drop(group);
            let said = Ended {
                code: None,
                output: output.text(AFTERGLOW).await,
                errors: errors.text(AFTERGLOW).await,
                handed: self.environment.clone(),
            };
            return Err(AdapterError::Transient(format!(
                "`{command}` did not end within {} and was killed: {}",
                human(self.timeout),
                said.said()
            )));
        };
        // What a command leaves behind on purpose, a daemon it started, lives on.
        group.id = None;
        let status = waited.map_err(|error| AdapterError::Transient(format!("`{command}`: {error}")))?;
        Ok(Ended {
            code: status.code(),
            output: output.text(AFTERGLOW).await,
            errors: errors.text(AFTERGLOW).await,
            handed: self.environment.clone(),
        })
    }
}

/// A time for people.
pub(crate) fn human(time: Duration) -> String {
    ripcord_model::Duration::from_ms(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)).human()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(timeout_ms: u64) -> Shell {
        Shell {
            directory: std::env::temp_dir(),
            environment: vec![],
            timeout: Duration::from_millis(timeout_ms),
        }
    }

    #[tokio::test]
    async fn a_command_says_how_it_ended() {
        let ended = shell(5_000).run("echo out; echo err >&2; exit 3").await.unwrap();
        assert_eq!((ended.code, ended.output.as_str(), ended.errors.as_str()), (Some(3), "out\n", "err\n"));
        let error = ended.success("demo").unwrap_err();
        assert_eq!(error, AdapterError::Transient("`demo` ended with status 3: err\nout".into()));
    }

    #[tokio::test]
    async fn a_missing_program_is_permanent() {
        let ended = shell(5_000).run("no-such-program-here").await.unwrap();
        assert!(ended.not_found());
        assert!(matches!(ended.success("x").unwrap_err(), AdapterError::Permanent(_)));
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_killed_with_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("child");
        let command = format!("sleep 60 & echo $! > {}; echo waiting; wait", file.display());
        let error = shell(300).run(&command).await.unwrap_err();
        assert!(error.to_string().contains("300 ms") && error.to_string().contains("waiting"), "{error}");
        let child: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        while process_table::stat(child).is_some_and(|stat| !stat.zombie) {
            assert!(tokio::time::Instant::now() < deadline, "the child of a killed command still runs");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn much_output_is_bounded_and_its_end_is_kept() {
        let ended = shell(20_000).run("yes line | head -n 1000000; echo the end").await.unwrap();
        assert!(ended.output.len() <= output::KEPT_BYTES + 64, "{}", ended.output.len());
        assert!(ended.output.ends_with("the end\n"));
    }

    #[tokio::test]
    async fn a_daemon_left_behind_does_not_hold_the_command() {
        let started = tokio::time::Instant::now();
        let ended = shell(20_000).run("sleep 5 & echo started").await.unwrap();
        assert_eq!((ended.code, ended.output.as_str()), (Some(0), "started\n"));
        assert!(started.elapsed() < Duration::from_secs(4));
    }

    #[tokio::test]
    async fn what_a_command_says_does_not_give_away_what_it_was_handed() {
        let secret = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for tests");
        let handed = Shell { environment: vec!["CARGO_MANIFEST_DIR".to_owned()], ..shell(5_000) };
        let ended = handed.run("echo token $CARGO_MANIFEST_DIR refused >&2; exit 1").await.unwrap();
        let error = ended.success("demo").unwrap_err().to_string();
        assert!(!error.contains(&secret), "{error}");
        assert!(error.contains("token ***CARGO_MANIFEST_DIR*** refused"), "{error}");
        let slow = Shell { timeout: Duration::from_millis(300), ..handed };
        let error = slow.run("echo $CARGO_MANIFEST_DIR; sleep 5").await.unwrap_err().to_string();
        assert!(!error.contains(&secret), "{error}");
    }

    #[tokio::test]
    async fn only_allowed_variables_are_seen() {
        let ended = shell(5_000).run("env").await.unwrap();
        assert!(ended.output.contains("PATH="));
        assert!(!ended.output.contains("CARGO"), "{}", ended.output);
    }
}
