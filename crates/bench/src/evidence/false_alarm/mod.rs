//! (b) How often a release without a regression goes back.
//!
//! - [`world`]: what makes healthy counts noisier than coins; [`counts`]: error ratios in such worlds;
//! - [`gauges`]: values with a memory; [`offsets`]: instances that differ for good.

mod counts;
mod gauges;
mod offsets;
mod world;

use super::workshop::{Share, Workshop};
use crate::report::Report;

/// Measures all of them and answers the bounds.
pub(crate) fn run(workshop: &Workshop, quick: bool) -> Result<Report, Box<dyn std::error::Error>> {
    let mut report = Report::new("false rollback without a regression, alpha 0.1 %");
    report.note("upper, lower: exact one-sided 99 % bounds (Clopper-Pearson)");
    counts::tell(&mut report, workshop, quick)?;
    gauges::tell(&mut report, workshop, quick)?;
    offsets::tell(&mut report, workshop, quick)?;
    Ok(report)
}

/// A rate that may not be larger. With few runs one event would be above any bound, so in the quick form only what surely
/// is above counts.
fn bound(report: &mut Report, name: &str, share: Share, limit: f64, quick: bool) {
    if quick {
        let name = format!("{name}: lower bound (quick)");
        report.at_most(&name, 100.0 * share.lower(), "%", 100.0 * limit);
    } else {
        report.at_most(name, 100.0 * share.rate(), "%", 100.0 * limit);
    }
}
