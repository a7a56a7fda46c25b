//! What a rehearsal breaks on purpose: one shell command, bounded like every other.

use std::time::Duration;

use crate::{Context, port::AdapterError, shell::Shell};

/// Runs `command` in the service's root.
///
/// # Errors
/// [`AdapterError`] when it cannot be run, fails, or takes longer than `limit`. What it did until then stays done.
pub async fn run(context: &Context, command: &str, limit: Duration) -> Result<(), AdapterError> {
    let shell = Shell { directory: context.root.clone(), environment: Vec::new(), timeout: limit };
    shell.run(command).await?.success(command).map(|_output| ())
}
