//! Log lines of long-running roles, on standard error.

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging; `RIPCORD_LOG` chooses what, `info` by default.
pub fn start() {
    let filter = EnvFilter::try_from_env("RIPCORD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let is_coloured = crate::surroundings::look().colour;
    // A second call in one process keeps the first.
    let _already = fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured)
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .try_init();
}
