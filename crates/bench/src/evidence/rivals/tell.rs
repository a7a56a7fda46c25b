//! The report: both bounds, then every rule on every family.

use super::{
    catalogue::Tool,
    family::Family,
    outcome::Outcome,
    standing::{QUIET_MAX, Standing},
};
use crate::report::Report;

/// Positions of Ripcord in the catalogue.
const ASKS: usize = 0;
const GOES_BACK: usize = 1;
const HOLDS: usize = 2;
/// Bad requests until the abort may be this part of the best rival's.
const BAD_MAX: f64 = 0.5;

/// Everything there is to say.
pub(super) fn report(standing: &Standing<'_>) -> Report {
    let mut report = Report::new("against the rules of other tools, on identical traces, alpha 0.1 %");
    notes(&mut report, standing);
    let rivals = rivals(standing);
    bounds(&mut report, standing, &rivals);
    for rule in [ASKS, GOES_BACK, HOLDS].into_iter().chain(rivals.iter().copied()) {
        let name = standing.entries[rule].name();
        let quiet = 100.0 * standing.false_rate(rule, |background| background.is_quiet());
        let all = 100.0 * standing.false_rate(rule, |_| true);
        let metric =
            format!("{name} | false aborts {quiet:.2} % quiet, {all:.2} % of all backgrounds; in total");
        report.says(&metric, standing.bad(rule), "bad");
    }
    for (position, family) in standing.families.iter().enumerate() {
        for rule in [ASKS, GOES_BACK, HOLDS].into_iter().chain(rivals.iter().copied()) {
            row(&mut report, family, &standing.entries[rule].name(), standing.outcome(position, rule));
        }
    }
    report
}

fn notes(report: &mut Report, standing: &Standing<'_>) {
    let runs = |family: usize| standing.outcome(family, ASKS).false_aborts.runs;
    let (least, most) = (0..standing.families.len())
        .map(runs)
        .fold((u64::MAX, 0), |(least, most), runs| (least.min(runs), most.max(runs)));
    report.note(format!(
        "{least} releases of 4 h for each of {} families ({most} where instances differ for good), scraped every 10 s; 100 to 400 requests/s, base 0.5 to 1 %, the canary has 10 % (1 % in the 1 % stage), 4 control instances",
        standing.families.len()
    ));
    report.note(
        "Ripcord: one rule, worse than control by 20 %, one configuration everywhere; `above 5% for 5m` and containment are left out",
    );
    let tunings = standing.entries.iter().filter(|entry| entry.tuned).count();
    report.note(format!(
        "{tunings} tunings were tried; each tool's best is the one that served the fewest bad requests among those with false aborts on at most {} % of the quiet traces, chosen in hindsight",
        100.0 * QUIET_MAX
    ));
    report.note(
        "one tuning per tool for all families, as Ripcord has one configuration; times count misses to the end of the trace",
    );
}

/// Every rival as it comes, and its best tuning.
fn rivals(standing: &Standing<'_>) -> Vec<usize> {
    let mut rivals = Vec::new();
    for tool in Tool::RIVALS {
        let of_tool = |rule: &usize| standing.entries[*rule].tool == tool;
        let as_they_come = (0..standing.entries.len()).filter(|rule| !standing.entries[*rule].tuned);
        rivals.extend(as_they_come.filter(of_tool));
        rivals.extend(standing.best(tool, |rule| standing.is_quiet(rule)));
    }
    rivals.dedup();
    rivals
}

fn bounds(report: &mut Report, standing: &Standing<'_>, rivals: &[usize]) {
    let beaten = standing.beaten(ASKS, ASKS, rivals);
    let surely = beaten.iter().filter(|beaten| beaten.surely).count();
    report.at_most(
        "families and rivals with more false aborts and later notice, beyond noise",
        surely as f64,
        "pairs",
        0.0,
    );
    report.says("the same by the bare numbers", beaten.len() as f64, "pairs");
    for beaten in &beaten {
        let (family, rival) =
            (standing.families[beaten.family].name(), standing.entries[beaten.rival].name());
        let minutes = |rule| standing.outcome(beaten.family, rule).delay.mean() / 60.0;
        let how = if beaten.surely { "surely" } else { "within noise" };
        let metric = format!("   {how}: {family} | {rival}; minutes later");
        report.says(&metric, minutes(ASKS) - minutes(beaten.rival), "min");
    }
    for (of, rule, notice) in [
        ("a hold for want of trust taken for notice", ASKS, HOLDS),
        ("a plan that goes back on 12 min of silence", GOES_BACK, GOES_BACK),
    ] {
        let sure = standing.beaten(rule, notice, rivals).iter().filter(|beaten| beaten.surely).count();
        report.says(&format!("the same beyond noise, with {of}"), sure as f64, "pairs");
    }
    let race = rivals.iter().copied().filter(|rule| standing.is_quiet(*rule));
    if let Some(best) = race.min_by(|a, b| standing.bad(*a).total_cmp(&standing.bad(*b))) {
        let metric = "bad requests until the abort, over the best rival's";
        report.at_most(metric, standing.bad(ASKS) / standing.bad(best), "times", BAD_MAX);
        report.says(
            &format!("the best rival is {}", standing.entries[best].name()),
            standing.bad(best),
            "bad",
        );
    }
    let pooled = |rule: usize| standing.false_rate(rule, |_| true) <= QUIET_MAX;
    other_race(report, standing, "on all traces with nothing wrong together", pooled);
    other_race(report, standing, "on every background by itself", |rule| standing.is_quiet_everywhere(rule));
}

/// Ripcord against the best that aborts falsely on few enough of other traces than the quiet ones.
fn other_race(report: &mut Report, standing: &Standing<'_>, of: &str, admits: impl Fn(usize) -> bool) {
    let best = Tool::RIVALS.into_iter().filter_map(|tool| standing.best(tool, &admits));
    if let Some(best) = best.min_by(|a, b| standing.bad(*a).total_cmp(&standing.bad(*b))) {
        let name = standing.entries[best].name();
        let metric = format!("the same with false aborts on at most 1 % {of}: over {name}");
        report.says(&metric, standing.bad(ASKS) / standing.bad(best), "times");
    }
}

fn row(report: &mut Report, family: &Family, rule: &str, outcome: &Outcome) {
    let (name, false_aborts) = (family.name(), 100.0 * outcome.false_aborts.rate());
    if family.regression.is_none() {
        report.says(&format!("{name} | {rule}; false aborts"), false_aborts, "%");
        return;
    }
    let median = outcome.median().map_or("never".to_owned(), |median| format!("{:.1} min", median / 60.0));
    let (mean, missed) = (outcome.delay.mean() / 60.0, 100.0 * outcome.missed.rate());
    let metric = format!(
        "{name} | {rule}; false {false_aborts:.2} %, missed {missed:.2} %, noticed after {median} (median), {mean:.1} min (mean); served"
    );
    report.says(&metric, outcome.bad.mean(), "bad");
}
