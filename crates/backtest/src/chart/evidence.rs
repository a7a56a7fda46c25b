//! The strip of evidence: the logarithm of every e-value, and the line it has to reach.

use super::{
    Chart, LEFT, Lane, RIGHT, Strip,
    line::{self, Point},
    scale::{Scale, label},
    style,
    svg::{Anchor, Svg},
};

/// Evidence against harm may fall without end; this much below nothing is shown.
const BELOW: f64 = 0.6;
const ABOVE: f64 = 1.6;

pub(super) fn draw(svg: &mut Svg, chart: &Chart<'_>, x: Scale, strip: Strip) {
    let finish = chart.lanes.iter().filter_map(|lane| lane.threshold).fold(0.0_f64, f64::max);
    let y = Scale::new(-BELOW * finish, ABOVE * finish, strip.bottom, strip.top);
    for tick in y.ticks(5) {
        svg.line("grid", LEFT, y.at(tick), RIGHT, y.at(tick));
        svg.text("small", LEFT - 8.0, y.at(tick) + 4.0, Anchor::End, &label(tick));
    }
    svg.line("axis", LEFT, strip.top, LEFT, strip.bottom);
    svg.text("small", 8.0, strip.top - 8.0, Anchor::Start, "evidence, ln e");
    for finish in finishes(chart) {
        svg.line("finish", LEFT, y.at(finish), RIGHT, y.at(finish));
    }
    let mut legend = LEFT + 104.0;
    for (index, lane) in chart.lanes.iter().filter(|lane| lane.threshold.is_some()).enumerate() {
        let points = points(chart, lane);
        svg.path(&style::of_line(index), &line::path(&points, x, y));
        svg.line(&style::of_line(index), legend, strip.top - 12.0, legend + 22.0, strip.top - 12.0);
        svg.text("small", legend + 28.0, strip.top - 8.0, Anchor::Start, &lane.name);
        legend += 28.0 + lane.name.chars().count() as f64 * 6.4 + 20.0;
    }
    for finish in finishes(chart) {
        let words = format!("fires here: by chance at most once in {}", label(finish.exp().round()));
        svg.text("small halo", LEFT + 4.0, y.at(finish) - 4.0, Anchor::Start, &words);
    }
}

/// Evidence at every block. Behind a firing it begins anew, so the line does too.
fn points(chart: &Chart<'_>, lane: &Lane<'_>) -> Vec<Point> {
    let mut firings = lane.firings.iter().map(|firing| firing.index).peekable();
    let mut points = Vec::with_capacity(lane.readings.len());
    for (index, (step, reading)) in chart.trace.steps.iter().zip(lane.readings).enumerate() {
        let at = step.at.as_ms() as f64;
        points.push((at, reading.log_e));
        if firings.next_if_eq(&index).is_some() {
            points.push((at, None));
        }
    }
    points
}

/// What evidence has to reach, each once.
fn finishes(chart: &Chart<'_>) -> Vec<f64> {
    let mut finishes: Vec<f64> = chart.lanes.iter().filter_map(|lane| lane.threshold).collect();
    finishes.sort_by(f64::total_cmp);
    finishes.dedup();
    finishes
}
