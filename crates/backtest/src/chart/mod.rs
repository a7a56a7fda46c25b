//! A picture of a replay: the signal, the evidence, and where every rule fired. Plain SVG, no script, no font of its own.
//!
//! Owns: scales, ticks, colours for light and dark. Refuses to know: files and browsers.
//!
//! Invariants: the same replay gives the same bytes; the picture stays small however long the series is; nothing is
//! told by colour alone.

mod evidence;
mod lanes;
mod line;
mod recent;
mod scale;
mod signal;
mod style;
mod svg;
mod time_axis;

use ripcord_model::Duration;

use crate::{
    score::{Firing, Meaning},
    trace::{Clock, Trace},
};

use self::{
    scale::Scale,
    svg::{Anchor, Svg},
};

/// What is drawn.
#[derive(Debug, Clone)]
pub struct Chart<'a> {
    /// What it is about.
    pub title: &'a str,
    /// Lines below it.
    pub subtitles: [&'a str; 2],
    /// What the signal's axis says: `latency, ms`.
    pub axis: &'a str,
    /// The trailing time over which rates are drawn, as thresholds see them.
    pub window: Duration,
    /// Whether values are shown in percent.
    pub is_share: bool,
    /// The series.
    pub trace: &'a Trace,
    /// How many blocks are baseline, and its value where it is known.
    pub baseline: Option<(usize, Option<f64>)>,
    /// One per rule or set of rules.
    pub lanes: Vec<Lane<'a>>,
}

/// What one rule, or set of rules, did.
#[derive(Debug, Clone)]
pub struct Lane<'a> {
    /// Its name.
    pub name: String,
    /// Evidence and violation at every block; empty for a set.
    pub readings: &'a [Reading],
    /// What the evidence had to reach.
    pub threshold: Option<f64>,
    /// The level it compares with, where that is one value.
    pub level: Option<f64>,
    /// Where it fired.
    pub firings: &'a [Firing],
    /// What each firing was.
    pub meanings: &'a [Meaning],
}

/// What a rule said at one block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// Evidence as a natural logarithm; `None` where there is none.
    pub log_e: Option<f64>,
    /// Whether it was violated, however briefly.
    pub violated: bool,
}

/// Width of the picture, and of what is drawn in it.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 936.0;
const TOP: f64 = 132.0;
const SIGNAL_HEIGHT: f64 = 220.0;
const EVIDENCE_HEIGHT: f64 = 160.0;
const LANE_HEIGHT: f64 = 34.0;
const BETWEEN: f64 = 44.0;

/// A strip of the picture.
#[derive(Debug, Clone, Copy)]
struct Strip {
    top: f64,
    bottom: f64,
}

/// The picture as SVG.
pub fn draw(chart: &Chart<'_>) -> String {
    let has_evidence = chart.lanes.iter().any(|lane| lane.threshold.is_some());
    let signal = Strip { top: TOP, bottom: TOP + SIGNAL_HEIGHT };
    let evidence_height = if has_evidence { BETWEEN + EVIDENCE_HEIGHT } else { 0.0 };
    let evidence = Strip { top: signal.bottom + BETWEEN, bottom: signal.bottom + evidence_height };
    let lanes_top = signal.bottom + evidence_height + 30.0;
    let lanes = Strip { top: lanes_top, bottom: lanes_top + LANE_HEIGHT * chart.lanes.len() as f64 };
    let height = lanes.bottom + 58.0;
    let x = x_scale(chart.trace);
    let mut svg = Svg::new(WIDTH, height);
    svg.style(style::CSS);
    svg.rect("paper", 0.0, 0.0, WIDTH, height);
    heading(&mut svg, chart);
    let all = Strip { top: signal.top, bottom: lanes.bottom };
    shades(&mut svg, chart, x, all);
    time_axis::draw(&mut svg, chart.trace, x, all);
    onsets(&mut svg, chart, x, all);
    signal::draw(&mut svg, chart, x, signal);
    if has_evidence {
        evidence::draw(&mut svg, chart, x, evidence);
    }
    lanes::draw(&mut svg, chart, x, lanes);
    svg.finish()
}

fn x_scale(trace: &Trace) -> Scale {
    let first = trace.steps.first().map_or(0, |step| step.at.as_ms());
    let last = trace.steps.last().map_or(0, |step| step.at.as_ms());
    Scale::new(first as f64, (last.max(first + 1)) as f64, LEFT, RIGHT)
}

fn heading(svg: &mut Svg, chart: &Chart<'_>) {
    svg.text("title", LEFT, 30.0, Anchor::Start, chart.title);
    svg.text("small", LEFT, 50.0, Anchor::Start, chart.subtitles[0]);
    svg.text("small", LEFT, 67.0, Anchor::Start, chart.subtitles[1]);
    let mut at = LEFT;
    let mut entry = |svg: &mut Svg, class: &str, words: &str| {
        match class {
            "fired" | "hollow" => svg.mark(class, at + 11.0, 94.0, words),
            line => svg.line(line, at, 90.0, at + 22.0, 90.0),
        }
        svg.text("small", at + 28.0, 94.0, Anchor::Start, words);
        at += 28.0 + words.chars().count() as f64 * 6.4 + 26.0;
    };
    entry(svg, "canary", if chart.trace.has_control { "canary" } else { "signal" });
    if chart.trace.has_control {
        entry(svg, "control", "control");
    }
    if chart.trace.wrong.iter().flatten().next().is_some() {
        entry(svg, "onset", "onset; shaded while wrong");
    }
    entry(svg, "fired", "fired");
    if chart.trace.wrong.is_some() {
        entry(svg, "hollow", "fired with nothing wrong");
        entry(svg, "again", "fired once more");
    }
}

/// Where something was wrong, and what was baseline, behind everything.
fn shades(svg: &mut Svg, chart: &Chart<'_>, x: Scale, strip: Strip) {
    let at = |index: usize| x.at(chart.trace.steps[index].at.as_ms() as f64);
    if let Some((blocks, _)) = chart.baseline {
        svg.rect("past", LEFT, strip.top, (at(blocks - 1) - LEFT).max(1.0), strip.bottom - strip.top);
        svg.text("small halo", LEFT + 4.0, strip.top + 14.0, Anchor::Start, "baseline");
    }
    for span in chart.trace.wrong.iter().flatten() {
        let (from, to) = (at(span.first), at(span.last));
        svg.rect("wrong", from, strip.top, (to - from).max(1.5), strip.bottom - strip.top);
    }
}

/// Where it began to be wrong, above the grid.
fn onsets(svg: &mut Svg, chart: &Chart<'_>, x: Scale, strip: Strip) {
    let at = |index: usize| x.at(chart.trace.steps[index].at.as_ms() as f64);
    for span in chart.trace.wrong.iter().flatten() {
        svg.line("onset", at(span.first), strip.top - 4.0, at(span.first), strip.bottom);
    }
    if let Some(first) = chart.trace.wrong.iter().flatten().next() {
        let (x, anchor) = match at(first.first) {
            x if x > RIGHT - 60.0 => (x - 4.0, Anchor::End),
            x => (x + 4.0, Anchor::Start),
        };
        svg.text("small halo", x, strip.top + 14.0, anchor, "onset");
    }
}

/// What the axis of blocks is called.
fn axis_name(clock: Clock) -> &'static str {
    match clock {
        Clock::Recorded => "time, UTC",
        Clock::Assumed => "number of the block",
    }
}

#[cfg(test)]
mod tests;
