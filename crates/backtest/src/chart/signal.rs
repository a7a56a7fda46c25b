//! The strip of the signal: both sides, and the levels that rules compare with.

use super::{
    Chart, LEFT, RIGHT, Strip,
    line::{self, Point},
    recent::Recent,
    scale::{Scale, label},
    svg::{Anchor, Svg},
};

/// The difference of two larger values would have no place.
const DRAWN_MAX: f64 = 1e300;

pub(super) fn draw(svg: &mut Svg, chart: &Chart<'_>, x: Scale, strip: Strip) {
    let (canary, control) = points(chart);
    let levels = levels(chart);
    let y = y_scale(&canary, &control, &levels, strip);
    for tick in y.ticks(5) {
        svg.line("grid", LEFT, y.at(tick), RIGHT, y.at(tick));
        svg.text("small", LEFT - 8.0, y.at(tick) + 4.0, Anchor::End, &shown(chart, tick));
    }
    svg.line("axis", LEFT, strip.top, LEFT, strip.bottom);
    svg.text("small", 8.0, strip.top - 8.0, Anchor::Start, chart.axis);
    let mut names = Vec::new();
    for (level, words) in &levels {
        if *level <= y.high() {
            svg.line("level", LEFT, y.at(*level), RIGHT, y.at(*level));
            names.push((y.at(*level) - 4.0, words));
        }
    }
    svg.path("control", &line::path(&control, x, y));
    svg.path("canary", &line::path(&canary, x, y));
    for (at, words) in names {
        svg.text("small halo", RIGHT - 4.0, at, Anchor::End, words);
    }
}

fn points(chart: &Chart<'_>) -> (Vec<Point>, Vec<Point>) {
    let trace = chart.trace;
    let patience = trace.patience();
    let mut recent = Recent::new(chart.window);
    let (mut canary, mut control): (Vec<Point>, Vec<Point>) = (Vec::new(), Vec::new());
    for (index, step) in trace.steps.iter().enumerate() {
        let at = step.at.as_ms() as f64;
        // A line across a pause would say something about it.
        if index > 0 && step.at.since(trace.steps[index - 1].at) > patience {
            canary.push((at, None));
            control.push((at, None));
        }
        let values = recent.next(trace, index);
        let drawn = |value: Option<f64>| {
            value.filter(|value| value.is_finite()).map(|value| value.clamp(-DRAWN_MAX, DRAWN_MAX))
        };
        canary.push((at, drawn(values.canary)));
        control.push((at, drawn(values.control)));
    }
    if !trace.has_control {
        control.clear();
    }
    (canary, control)
}

/// Levels with their names; the same level once.
fn levels(chart: &Chart<'_>) -> Vec<(f64, String)> {
    let mut levels: Vec<(f64, String)> = Vec::new();
    let baseline = chart.baseline.and_then(|(_, value)| value).map(|value| (value, "baseline".to_owned()));
    let of_rules = chart.lanes.iter().filter_map(|lane| Some((lane.level?, lane.name.clone())));
    for (level, name) in baseline.into_iter().chain(of_rules) {
        if level.abs() <= DRAWN_MAX && !levels.iter().any(|(known, _)| *known == level) {
            levels.push((level, name));
        }
    }
    levels
}

/// From zero, or from the lowest value below it; a level far above everything does not flatten the line.
fn y_scale(canary: &[Point], control: &[Point], levels: &[(f64, String)], strip: Strip) -> Scale {
    let values = || canary.iter().chain(control).filter_map(|(_, value)| *value);
    let highest = values().fold(0.0_f64, f64::max);
    let lowest = values().fold(0.0_f64, f64::min);
    let highest = levels
        .iter()
        .map(|(level, _)| *level)
        .filter(|level| *level <= 2.0 * highest)
        .fold(highest, f64::max);
    let margin = (highest - lowest).max(f64::MIN_POSITIVE) * 0.06;
    let lowest = if lowest < 0.0 { lowest - margin } else { 0.0 };
    Scale::new(lowest, highest + margin, strip.bottom, strip.top)
}

fn shown(chart: &Chart<'_>, tick: f64) -> String {
    if chart.is_share { format!("{} %", label(tick * 100.0)) } else { label(tick) }
}
