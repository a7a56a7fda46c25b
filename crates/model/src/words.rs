//! Numbers, shares and times as people read them, on a terminal, on a page, in a report.

use crate::{Duration, Share, Timestamp};

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

/// Two decimals below ten, one below a hundred, none above; no trailing zeros.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(44_700), "44,700");
        assert_eq!(thousands(1_322_000), "1,322,000");
        assert_eq!(share(Share::percent(10)), "10 %");
        assert_eq!(share("12.5%".parse().unwrap()), "12.5 %");
        assert_eq!(value(0.031, true), "3.1 %");
        assert_eq!(value(0.0, true), "0 %");
        assert_eq!(value(0.2714, false), "0.271");
        assert_eq!(value(44_700.4, false), "44,700");
        assert_eq!(value(-44_700.4, false), "-44,700");
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(2_000, "request"), "2,000 requests");
    }

    #[test]
    fn times_are_relative_to_now() {
        let (then, now) = (Timestamp::from_ms(0), Timestamp::from_ms(90_000));
        assert_eq!(relative(then, now), "1 min 30 s ago");
        assert_eq!(relative(now, then), "in 1 min 30 s");
        assert_eq!(relative(now, now), "just now");
        assert_eq!(offset(now, then), "+1 min 30 s");
        assert_eq!(offset(then, then), "+0 s");
    }

    #[test]
    fn evidence_is_said_as_odds() {
        assert_eq!(one_in(1_000_f64.ln() + 1e-9), "1 in 1,000");
        assert_eq!(one_in(12_345_f64.ln()), "1 in 12,000");
        assert_eq!(one_in(-3.0), "1 in 1");
        assert_eq!(one_in(40.0), "1 in 10^17");
    }
}
