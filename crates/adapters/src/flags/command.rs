//! Flags by two command lines.

use std::time::Duration;

use async_trait::async_trait;
use ripcord_model::blueprint::FlagsBinding;

use crate::{
    Context,
    port::{AdapterError, Flags},
    shell::{self, Shell},
};

/// Time between two readings while a flag is not yet what it was set to.
const POLL: Duration = Duration::from_millis(50);

/// Flags by two command lines.
pub(super) struct CommandFlags {
    binding: FlagsBinding,
    shell: Shell,
}

impl CommandFlags {
    pub(super) fn new(binding: &FlagsBinding, context: &Context) -> Self {
        let shell = Shell {
            directory: context.root.clone(),
            environment: binding.environment.clone(),
            timeout: binding.timeout.to_std(),
        };
        Self { binding: binding.clone(), shell }
    }

    async fn command(&self, template: &str, flag: &str, state: &str) -> Result<String, AdapterError> {
        let command = shell::fill(template, &[("flag", flag), ("state", state)])?;
        self.shell.run(&command).await?.success(&command)
    }
}

fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[async_trait]
impl Flags for CommandFlags {
    async fn set(&self, flag: &str, on: bool) -> Result<bool, AdapterError> {
        self.command(&self.binding.set, flag, word(on)).await?;
        let deadline = tokio::time::Instant::now() + self.shell.timeout;
        loop {
            if self.get(flag).await? == on {
                return Ok(on);
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(AdapterError::Transient(format!(
                    "flag {flag} was set to {} and still reads {} after {}",
                    word(on),
                    word(!on),
                    shell::human(self.shell.timeout)
                )));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn get(&self, flag: &str) -> Result<bool, AdapterError> {
        let said = self.command(&self.binding.get, flag, "").await?;
        match said.trim() {
            "on" => Ok(true),
            "off" => Ok(false),
            other => Err(AdapterError::Permanent(format!(
                "`{}` printed {other:?} for flag {flag}, expected on or off",
                self.binding.get
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(directory: &std::path::Path, set: &str, get: &str) -> CommandFlags {
        let context = Context {
            root: directory.to_owned(),
            state: directory.join(".ripcord"),
            environment: "production".parse().unwrap(),
            ripcord_program: "ripcord".into(),
        };
        let binding = FlagsBinding {
            builtin: false,
            set: set.into(),
            get: get.into(),
            timeout: ripcord_model::Duration::from_ms(300),
            environment: vec![],
        };
        CommandFlags::new(&binding, &context)
    }

    #[tokio::test]
    async fn a_flag_is_set_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let flags = flags(directory.path(), "echo {state} > {flag}", "cat {flag} 2>/dev/null || echo off");
        assert!(!flags.get("submit-v2").await.unwrap());
        for on in [true, true, false] {
            assert_eq!(flags.set("submit-v2", on).await.unwrap(), on);
            assert_eq!(flags.get("submit-v2").await.unwrap(), on);
        }
    }

    #[tokio::test]
    async fn a_flag_that_does_not_follow_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let flags = flags(directory.path(), "true", "echo on");
        let error = flags.set("f", false).await.unwrap_err();
        assert!(
            matches!(&error, AdapterError::Transient(text) if text.contains("still reads on")),
            "{error}"
        );
    }

    #[tokio::test]
    async fn garbage_a_failing_command_and_a_hostile_key_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let garbage = flags(directory.path(), "true", "echo maybe").get("f").await.unwrap_err();
        assert!(garbage.to_string().contains("maybe"), "{garbage}");
        let failing =
            flags(directory.path(), "echo nope >&2; exit 4", "echo on").set("f", true).await.unwrap_err();
        assert!(failing.to_string().contains("status 4: nope"), "{failing}");
        let hostile = flags(directory.path(), "true", "cat {flag}").get("f; touch pwned").await.unwrap_err();
        assert!(matches!(hostile, AdapterError::Permanent(_)));
        assert!(!directory.path().join("pwned").exists());
    }
}
