//! One lane per rule: when it was violated, and where it fired.

use std::fmt::Write as _;

use super::{
    Chart, LANE_HEIGHT, LEFT, Lane, RIGHT, Strip,
    scale::Scale,
    svg::{Anchor, Svg},
};
use crate::score::Meaning;

/// So many marks of one lane are drawn; a rule that fires all the time needs no more to show it.
const MARKS_MAX: usize = 400;

pub(super) fn draw(svg: &mut Svg, chart: &Chart<'_>, x: Scale, strip: Strip) {
    for (number, lane) in chart.lanes.iter().enumerate() {
        let base = strip.top + LANE_HEIGHT * (number as f64 + 1.0) - 6.0;
        svg.line("grid", LEFT, base, RIGHT, base);
        svg.path("violated", &violations(chart, lane, x, base));
        for (firing, meaning) in lane.firings.iter().zip(lane.meanings).take(MARKS_MAX) {
            let at = x.at(firing.at.as_ms() as f64);
            let class = match meaning {
                Meaning::Again { .. } => {
                    svg.line("again", at, base - 9.0, at, base - 3.0);
                    continue;
                }
                Meaning::False => "hollow",
                Meaning::Noticed { .. } | Meaning::Unknown => "fired",
            };
            let words = format!("{}: fired at {} (block {})", lane.name, firing.at, firing.seq);
            svg.mark(class, at, base - 3.0, &words);
        }
        svg.text("small halo", LEFT + 4.0, base - 14.0, Anchor::Start, &lane.name);
    }
}

/// Stretches in which a threshold was violated; those closer than a pixel are one.
fn violations(chart: &Chart<'_>, lane: &Lane<'_>, x: Scale, base: f64) -> String {
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    let mut lasts = false;
    for (step, reading) in chart.trace.steps.iter().zip(lane.readings) {
        let violated = reading.violated && lane.threshold.is_none();
        let at = x.at(step.at.as_ms() as f64);
        match stretches.last_mut() {
            Some((_, end)) if violated && (lasts || at - *end <= 1.0) => *end = at,
            Some(_) | None if violated => stretches.push((at, at)),
            Some(_) | None => {}
        }
        lasts = violated;
    }
    let mut path = String::new();
    for (from, to) in stretches {
        write!(path, "M{from:.1} {base:.1}H{:.1} ", to.max(from + 1.0))
            .expect("writing to a string cannot fail");
    }
    path
}
