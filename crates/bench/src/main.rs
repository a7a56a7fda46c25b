//! `make bench`: every bound of the product with its measured value beside it.
//!
//! Numbers come from here and never from a timed test. Machines are shared and noisy: rates of different programs
//! are compared within one run.

mod edge_flip;
mod edge_throughput;
mod engine_bake;
mod http_load;
mod program;
mod replay;

use ripcord_bench::{report::Report, table};

/// What can be measured, by the name one may give on the command line.
const NAMES: [&str; 5] = ["program", "engine", "replay", "flip", "throughput"];

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let chosen: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--quick").collect();
    if let Some(unknown) = chosen.iter().find(|name| !NAMES.contains(name)) {
        eprintln!(
            "error: `{unknown}` is not measured here; expected --quick or any of: {}",
            NAMES.join(", ")
        );
        return std::process::ExitCode::from(2);
    }
    let mut reports = Vec::new();
    for name in NAMES.into_iter().filter(|name| chosen.is_empty() || chosen.contains(name)) {
        let report = measure(name, quick);
        table::print(&report);
        reports.push(report);
    }
    if let Err(error) = table::write(&reports, if quick { "quick" } else { "bench" }) {
        eprintln!("error: cannot write the JSON: {error}");
        return std::process::ExitCode::FAILURE;
    }
    if reports.iter().all(Report::holds) {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}

fn measure(name: &str, quick: bool) -> Report {
    let runtime = || tokio::runtime::Runtime::new().expect("a runtime starts");
    match name {
        "program" => program::run(quick),
        "engine" => engine_bake::run(quick),
        "replay" => replay::run(quick),
        "flip" => runtime().block_on(edge_flip::run(quick)),
        _throughput => runtime().block_on(edge_throughput::run(quick)),
    }
}
