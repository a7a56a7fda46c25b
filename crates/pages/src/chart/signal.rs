//! One signal: canary against control, limits with their words, stage boundaries, what happened, holes.

use std::fmt::Write as _;

use ripcord_model::Timestamp;

use super::{
    scale::{Scale, round_up},
    series::Point,
};
use crate::words;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 68.0;
const RIGHT: f64 = 712.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 208.0;
/// Texts nearer than this would be one over the other.
const LINE_HEIGHT: f64 = 17.0;

/// A limit of a rule: a value, and the rule in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Where; in the signal's unit.
    pub value: f64,
    /// `rollback: above 5% for 5m`.
    pub words: String,
    /// Whether it only holds.
    pub holds: bool,
}

/// A stage began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// When its share was in force.
    pub at: Timestamp,
    /// `10 %`.
    pub share: String,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub word: &'static str,
}

/// Everything a picture of one signal shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalChart {
    /// The signal's name.
    pub name: String,
    /// The candidate's version, and last good's.
    pub versions: (String, String),
    /// Whether values are fractions.
    pub is_ratio: bool,
    /// What was measured.
    pub points: Vec<Point>,
    /// Where it becomes too much.
    pub limits: Vec<Limit>,
    /// When stages began.
    pub stages: Vec<Stage>,
    /// What happened.
    pub moments: Vec<Moment>,
}

impl SignalChart {
    /// The picture; `None` while there is nothing to draw.
    pub fn svg(&self) -> Option<String> {
        let (first, last) = (self.points.first()?.at, self.points.last()?.at);
        if first == last {
            return None;
        }
        let top = self.top();
        let x = Scale::of_time((first, last), (LEFT, RIGHT));
        let y = Scale::new((0.0, top), (BOTTOM, TOP));
        let mut svg = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            words::escaped(&self.in_words())
        );
        self.axes(&mut svg, (first, last), top, &y);
        self.stage_boundaries(&mut svg, &x, first);
        self.holes(&mut svg, &x);
        self.band(&mut svg, &x, &y);
        path(&mut svg, "c-control", self.points.iter().map(|point| (point.at, point.control)), &x, &y);
        path(&mut svg, "c-canary", self.points.iter().map(|point| (point.at, point.canary)), &x, &y);
        self.limit_lines(&mut svg, top, &y);
        self.moment_marks(&mut svg, &x, (first, last));
        svg.push_str("</svg>");
        Some(svg)
    }

    /// The same, for who cannot see it.
    pub fn in_words(&self) -> String {
        let newest = |of: fn(&Point) -> Option<f64>| {
            words::value_or_none(self.points.iter().rev().find_map(of), self.is_ratio)
        };
        let mut text = format!(
            "{}: {} on {}, {} on {}",
            self.name,
            newest(|point| point.canary),
            self.versions.0,
            newest(|point| point.control),
            self.versions.1
        );
        for limit in &self.limits {
            let _ = write!(text, "; {}", limit.words);
        }
        text
    }

    /// Whether something is missing in it.
    pub fn has_holes(&self) -> bool {
        !self.hole_ranges().is_empty()
    }

    /// The largest value, or a limit when values come near it: a limit far away would flatten what is measured.
    fn top(&self) -> f64 {
        let values = self.points.iter().flat_map(|point| {
            [point.canary, point.control, point.band.map(|(_, high)| high)].into_iter().flatten()
        });
        let largest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let near = self.limits.iter().map(|limit| limit.value).filter(|value| *value <= largest * 8.0);
        round_up(near.fold(largest, f64::max) * 1.1)
    }

    fn axes(&self, svg: &mut String, (first, last): (Timestamp, Timestamp), top: f64, y: &Scale) {
        for part in [0.0, 0.5, 1.0] {
            let (value, at) = (top * part, y.place(top * part));
            let _ = write!(svg, "<path class=\"c-axis\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>");
            let label = words::value(value, self.is_ratio);
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 6.0,
                at + 5.0
            );
        }
        for (at, anchor, instant) in [(LEFT, "start", first), (RIGHT, "end", last)] {
            let time = instant.time_of_day();
            let _ = write!(svg, "<text x=\"{at}\" y=\"230\" text-anchor=\"{anchor}\">{time} UTC</text>");
        }
    }

    fn stage_boundaries(&self, svg: &mut String, x: &Scale, first: Timestamp) {
        let mut free_from = LEFT;
        for stage in &self.stages {
            let at = x.at(stage.at.max(first));
            let _ = write!(svg, "<path class=\"c-stage\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>");
            if at >= free_from && at < RIGHT - 40.0 {
                let share = words::escaped(&stage.share);
                let _ = write!(svg, "<text x=\"{:.1}\" y=\"16\">{share}</text>", at + 4.0);
                free_from = at + 52.0;
            }
        }
    }

    /// From the last point that said something to the next: where the candidate is silent.
    fn hole_ranges(&self) -> Vec<(Timestamp, Timestamp)> {
        let mut ranges: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (index, point) in self.points.iter().enumerate() {
            if point.canary.is_some() {
                continue;
            }
            let from = self.points[index.saturating_sub(1)].at;
            match ranges.last_mut() {
                Some(last) if last.1 == from => last.1 = point.at,
                Some(_) | None => ranges.push((from, point.at)),
            }
        }
        ranges.retain(|(from, until)| until > from);
        ranges
    }

    fn holes(&self, svg: &mut String, x: &Scale) {
        for (from, until) in self.hole_ranges() {
            let (from, until) = (x.at(from), x.at(until));
            let width = (until - from).max(1.0);
            let height = BOTTOM - TOP;
            let _ = write!(
                svg,
                "<rect class=\"c-hole\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height}\"/>"
            );
        }
    }

    fn band(&self, svg: &mut String, x: &Scale, y: &Scale) {
        for run in self.points.split(|point| point.band.is_none()).filter(|run| run.len() > 1) {
            let place = |point: &Point, high: bool| {
                let (low, top) = point.band.unwrap_or_default();
                (x.at(point.at), y.place(if high { top } else { low }))
            };
            let upper = run.iter().map(|point| place(point, true));
            let lower = run.iter().rev().map(|point| place(point, false));
            let mut path = String::new();
            for (index, (at, value)) in upper.chain(lower).enumerate() {
                let command = if index == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{command}{at:.1} {value:.1}");
            }
            let _ = write!(svg, "<path class=\"c-band\" d=\"{path}z\"/>");
        }
    }

    fn limit_lines(&self, svg: &mut String, top: f64, y: &Scale) {
        let mut drawn: Vec<f64> = Vec::new();
        for limit in &self.limits {
            let (line, text) = if limit.holds { ("c-hold", "t-hold") } else { ("c-limit", "t-limit") };
            let beyond = limit.value > top;
            let at = y.place(limit.value);
            if !beyond {
                let _ = write!(svg, "<path class=\"{line}\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>");
            }
            let mut label = if beyond { TOP + 14.0 } else { at - 4.0 };
            while drawn.iter().any(|other| (other - label).abs() < LINE_HEIGHT) {
                label += LINE_HEIGHT;
            }
            drawn.push(label);
            let words = words::escaped(&limit.words);
            let arrow = if beyond { " ↑" } else { "" };
            let _ = write!(
                svg,
                "<text class=\"halo {text}\" x=\"{RIGHT}\" y=\"{label:.1}\" text-anchor=\"end\">{words}{arrow}</text>"
            );
        }
    }

    fn moment_marks(&self, svg: &mut String, x: &Scale, (first, last): (Timestamp, Timestamp)) {
        let mut label = TOP + 12.0;
        for moment in self.moments.iter().filter(|moment| moment.at >= first && moment.at <= last) {
            let at = x.at(moment.at);
            let (anchor, shift) = if at > WIDTH / 2.0 { ("end", -6.0) } else { ("start", 6.0) };
            let _ = write!(svg, "<path class=\"c-mark\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>");
            let _ = write!(
                svg,
                "<text class=\"halo t-mark\" x=\"{:.1}\" y=\"{label:.1}\" text-anchor=\"{anchor}\">{}</text>",
                at + shift,
                moment.word
            );
            label += LINE_HEIGHT;
        }
    }
}

/// How a hole is hatched. Once per page, whatever the number of charts.
pub const HATCH: &str = "<defs><pattern id=\"hole\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><path class=\"c-hatch\" d=\"M0 0V8\"/></pattern></defs>";

/// A line that is interrupted where there is no value.
fn path(
    svg: &mut String,
    class: &str,
    values: impl Iterator<Item = (Timestamp, Option<f64>)>,
    x: &Scale,
    y: &Scale,
) {
    let (mut path, mut pen_is_down) = (String::new(), false);
    for (at, value) in values {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            pen_is_down = false;
            continue;
        };
        let command = if pen_is_down { 'L' } else { 'M' };
        let _ = write!(path, "{command}{:.1} {:.1}", x.at(at), y.place(value));
        pen_is_down = true;
    }
    if !path.is_empty() {
        let _ = write!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
    }
}

#[cfg(test)]
mod tests;
