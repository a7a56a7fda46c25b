//! `exam-service serve` answers as one version; `exam-service load` is many users of it.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use exam_service::command::{LoadArguments, ServeArguments};

/// An exam service to release, and users to release it to.
#[derive(Parser)]
#[command(name = "exam-service")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer as one version of the exam service.
    Serve(ServeArguments),
    /// Be many users of an exam service.
    Load(LoadArguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(arguments) => arguments.run().await,
        Command::Load(arguments) => arguments.run().await,
    }
}
