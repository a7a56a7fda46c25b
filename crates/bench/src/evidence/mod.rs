//! `make bench-evidence`: every bound on evidence with its measured value beside it.
//!
//! - [`delay`]: how long evidence takes, over the least any test could take;
//! - [`false_alarm`]: how often a release without a regression goes back;
//! - [`rivals`]: against the decision rules of other tools, on identical traces;
//! - [`cost`]: time and memory per signal and block.

mod confidence;
mod cost;
mod delay;
mod false_alarm;
mod floor;
mod options;
mod product;
mod random;
mod rivals;
mod workshop;

use std::path::PathBuf;

pub use options::{Options, Part, UnknownArgument};
use workshop::Workshop;

use crate::report::Report;

/// Where results of cells are kept.
const FOLDER: &str = "target/bench/evidence";

/// Measures what `options` ask for, telling each report as soon as it is complete.
///
/// # Errors
/// When results cannot be kept, or the product refuses its own parameters.
pub fn run(options: &Options, tell: impl Fn(&Report)) -> Result<Vec<Report>, Box<dyn std::error::Error>> {
    let workshop = Workshop::new(PathBuf::from(FOLDER), product::behaviour()?, options.fresh);
    let mut reports = Vec::new();
    for part in &options.parts {
        let report = match part {
            Part::Delay => delay::run(&workshop, options.quick)?,
            Part::FalseAlarm => false_alarm::run(&workshop, options.quick)?,
            Part::Rivals => rivals::run(&workshop, options.quick)?,
            Part::Cost => cost::run(options.quick)?,
        };
        tell(&report);
        reports.push(report);
    }
    Ok(reports)
}
