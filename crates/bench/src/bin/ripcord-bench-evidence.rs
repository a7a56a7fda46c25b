//! `make bench-evidence`: every bound on evidence with its measured value beside it; exit status 1 when one does not
//! hold.

use std::process::ExitCode;

use ripcord_bench::{
    evidence::{self, Options},
    report::Report,
    table,
};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if options.quick {
        println!("Quick: few runs, so intervals are wide. Bounds on rates are judged by the full run only.");
    }
    let reports = match evidence::run(&options, table::print) {
        Ok(reports) => reports,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let name = if options.quick { "evidence-quick" } else { "evidence" };
    if let Err(error) = table::write(&reports, name) {
        eprintln!("error: cannot write the JSON: {error}");
        return ExitCode::FAILURE;
    }
    table::sum_up(&reports);
    if reports.iter().all(Report::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
