//! `ripcord demo-service`: the exam service that the demo releases, so that one binary suffices.

use std::process::ExitCode;

use exam_service::command::ServeArguments;

/// Arguments of `ripcord demo-service`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    serve: ServeArguments,
}

/// Answers until it is told to stop.
pub fn run(arguments: Arguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(arguments.serve.run()),
        Err(error) => {
            crate::output::error(&format!("cannot serve: {error}\n"));
            ExitCode::from(2)
        }
    }
}
