//! Numbers, shares and times as people read them.

use std::borrow::Borrow;

use ripcord_engine::{Cause, IncidentClock};
use ripcord_model::{Duration, Timestamp};

pub use ripcord_model::words::{counted, offset, one_in, relative, share, thousands, value};

/// A value that may be missing: `–`.
pub fn value_or_none(number: Option<f64>, is_ratio: bool) -> String {
    number
        .filter(|number| number.is_finite())
        .map_or_else(|| "–".to_owned(), |number| value(number, is_ratio))
}

/// `12 min`; `a moment` for less than a second.
pub fn lasting(since: Timestamp, now: Timestamp) -> String {
    let elapsed = now.since(since);
    if elapsed < Duration::from_secs(1) { "a moment".to_owned() } else { elapsed.human() }
}

/// The instants of an incident in their order, with their names.
pub fn clock_points(clock: &IncidentClock) -> Vec<(&'static str, Timestamp)> {
    let points = [
        ("harm began", clock.harm_began),
        ("noticed", clock.detected),
        ("acknowledged", clock.acknowledged),
        ("decided", clock.decided),
        ("first action", clock.first_action),
        ("bleeding stopped", clock.bleeding_stopped),
        ("recovery verified", clock.verified_recovered),
        ("all clear", clock.all_clear),
    ];
    points.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect()
}

/// Why a release is contained or goes back.
pub fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Person { by, why } => format!("{by}: {why}"),
        Cause::Verdict(verdict) => match &verdict.signal {
            Some(signal) if !verdict.reason.contains(signal.as_str()) => {
                format!("{signal}: {}", verdict.reason)
            }
            Some(_) | None => verdict.reason.clone(),
        },
        Cause::Rehearsal(trigger) => trigger.in_words(),
        Cause::Alert { alert, since } => format!("the alert {alert} fires since {}", since.time_of_day()),
        Cause::CandidateDied => "no instance of the candidate runs any more".to_owned(),
        Cause::StageFailed { reason } => format!("the stage could not be put in force: {reason}"),
    }
}

/// How unlikely the sign that made a release go back is by accident, and what its owner accepted.
pub fn chance(cause: &Cause) -> Option<String> {
    let Cause::Verdict(verdict) = cause else { return None };
    let (log_e, threshold) = (verdict.log_e?, verdict.threshold?);
    Some(format!(
        "Chance of so strong a sign by accident: under {}; you accepted {}",
        one_in(log_e),
        one_in(threshold + 1e-9)
    ))
}

/// `2026-11-21 14:02:10 UTC`. Templates hand in what they have.
pub fn absolute(instant: impl Borrow<Timestamp>) -> String {
    instant.borrow().to_jiff().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Text with the characters that mean something in markup replaced.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_a_dash_and_an_instant_has_its_zone() {
        assert_eq!(value_or_none(Some(f64::NAN), true), "–");
        assert_eq!(value_or_none(Some(0.031), true), "3.1 %");
        assert_eq!(absolute(Timestamp::from_ms(90_000)), "1970-01-01 00:01:30 UTC");
    }

    #[test]
    fn what_means_something_in_markup_is_replaced() {
        assert_eq!(
            escaped("<a href=\"x\" onclick='y'>&"),
            "&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;"
        );
    }
}
