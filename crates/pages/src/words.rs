//! Numbers, shares and times as people read them.

use std::borrow::Borrow;

use ripcord_engine::{Cause, IncidentClock};
use ripcord_model::{Duration, Share, Timestamp};

/// `44,700`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `10 %`, `12.5 %`.
pub fn share(share: Share) -> String {
    share.to_string().replace('%', " %")
}

/// A signal's value: `3.1 %` for a fraction, otherwise three significant digits.
pub fn value(value: f64, is_ratio: bool) -> String {
    if is_ratio { format!("{} %", significant(value * 100.0)) } else { significant(value) }
}

/// A value that may be missing: `–`.
pub fn value_or_none(number: Option<f64>, is_ratio: bool) -> String {
    number
        .filter(|number| number.is_finite())
        .map_or_else(|| "–".to_owned(), |number| value(number, is_ratio))
}

fn significant(number: f64) -> String {
    let magnitude = number.abs();
    if (1_000.0..1e15).contains(&magnitude) {
        let sign = if number < 0.0 { "-" } else { "" };
        return format!("{sign}{}", thousands(magnitude.round() as u64));
    }
    let decimals = match magnitude {
        m if m >= 100.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{number:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `12 min ago`, `just now`, `in 3 min`.
pub fn relative(instant: Timestamp, now: Timestamp) -> String {
    if instant > now {
        return format!("in {}", instant.since(now).human());
    }
    let elapsed = now.since(instant);
    if elapsed < Duration::from_secs(1) { "just now".to_owned() } else { format!("{} ago", elapsed.human()) }
}

/// `12 min`; `a moment` for less than a second.
pub fn lasting(since: Timestamp, now: Timestamp) -> String {
    let elapsed = now.since(since);
    if elapsed < Duration::from_secs(1) { "a moment".to_owned() } else { elapsed.human() }
}

/// `+48 s`; `+0 s` at the same instant.
pub fn offset(instant: Timestamp, origin: Timestamp) -> String {
    let elapsed = instant.since(origin);
    if elapsed == Duration::ZERO { "+0 s".to_owned() } else { format!("+{}", elapsed.human()) }
}

/// `1 request`, `2 requests`.
pub fn counted(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", thousands(number))
}

/// `1 in 12,000` for an e-value given by its natural logarithm: the chance of so strong a sign by accident.
pub fn one_in(log_e: f64) -> String {
    let times = log_e.max(0.0).exp();
    if times >= 1e12 {
        return format!("1 in 10^{}", times.log10().floor());
    }
    let scale = 10_f64.powf((times.log10().floor() - 1.0).max(0.0));
    format!("1 in {}", thousands(((times / scale).floor() * scale) as u64))
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
    fn numbers_read_well() {
        assert_eq!(thousands(1_322_000), "1,322,000");
        assert_eq!(share("12.5%".parse().unwrap()), "12.5 %");
        assert_eq!(value(0.031, true), "3.1 %");
        assert_eq!(value(0.2714, false), "0.271");
        assert_eq!(value(-44_700.4, false), "-44,700");
        assert_eq!(value_or_none(Some(f64::NAN), true), "–");
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(one_in(12_345_f64.ln()), "1 in 12,000");
        assert_eq!(one_in(40.0), "1 in 10^17");
    }

    #[test]
    fn times_are_relative_to_now() {
        let (then, now) = (Timestamp::from_ms(0), Timestamp::from_ms(90_000));
        assert_eq!(relative(then, now), "1 min 30 s ago");
        assert_eq!(relative(now, then), "in 1 min 30 s");
        assert_eq!(offset(now, then), "+1 min 30 s");
        assert_eq!(absolute(now), "1970-01-01 00:01:30 UTC");
    }

    #[test]
    fn what_means_something_in_markup_is_replaced() {
        assert_eq!(
            escaped("<a href=\"x\" onclick='y'>&"),
            "&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;"
        );
    }
}
