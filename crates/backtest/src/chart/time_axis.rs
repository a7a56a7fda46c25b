//! The axis of time, or of blocks where there is no time, with a grid through all strips.

use ripcord_model::Timestamp;

use super::{
    LEFT, RIGHT, Strip, axis_name,
    scale::{Scale, label},
    svg::{Anchor, Svg},
};
use crate::trace::{Clock, Trace};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Times between ticks that people like to read.
const STEPS: [i64; 22] = [
    SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    30 * DAY,
    90 * DAY,
    365 * DAY,
    3_650 * DAY,
];
const TICKS: i64 = 8;

pub(super) fn draw(svg: &mut Svg, trace: &Trace, x: Scale, strip: Strip) {
    for (at, words) in ticks(trace, x) {
        svg.line("grid", x.at(at), strip.top, x.at(at), strip.bottom);
        let anchor = if x.at(at) > RIGHT - 36.0 { Anchor::End } else { Anchor::Middle };
        svg.text("small", x.at(at), strip.bottom + 18.0, anchor, &words);
    }
    svg.line("axis", LEFT, strip.bottom, RIGHT, strip.bottom);
    svg.text("small", RIGHT, strip.bottom + 40.0, Anchor::End, axis_name(trace.clock));
}

/// Places on the axis with what stands there.
fn ticks(trace: &Trace, x: Scale) -> Vec<(f64, String)> {
    match trace.clock {
        Clock::Recorded => times(x),
        Clock::Assumed => {
            let (Some(first), Some(last)) = (trace.steps.first(), trace.steps.last()) else {
                return Vec::new();
            };
            let numbers = Scale::new(first.seq as f64, last.seq as f64, x.low(), x.high());
            numbers.ticks(8).into_iter().map(|seq| (numbers.at(seq), label(seq))).collect()
        }
    }
}

fn times(x: Scale) -> Vec<(f64, String)> {
    let (low, high) = (x.low() as i64, x.high() as i64);
    let step = STEPS.into_iter().find(|step| (high - low) / step <= TICKS).unwrap_or(3_650 * DAY);
    let form = match step {
        step if step >= DAY => "%Y-%m-%d",
        step if step >= MINUTE && high - low > DAY => "%m-%d %H:%M",
        step if step >= MINUTE => "%H:%M",
        _ => "%H:%M:%S",
    };
    let first = low.div_euclid(step) + i64::from(low.rem_euclid(step) != 0);
    let ticks = (first..=high.div_euclid(step)).map(|tick| tick * step);
    ticks.map(|ms| (ms as f64, Timestamp::from_ms(ms).to_jiff().strftime(form).to_string())).collect()
}
