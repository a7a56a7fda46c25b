//! Numbers as tired people read them.

use ripcord_model::SignalName;

/// A signal's name as words.
pub(super) fn plain(name: &SignalName) -> String {
    name.as_str().replace('-', " ")
}

pub(super) fn percent(fraction: Option<f64>) -> String {
    match fraction {
        None => "no data".to_owned(),
        // 0.04 % is not nothing.
        Some(fraction) if fraction > 0.0 && fraction < 0.0005 => format!("{:.2} %", fraction * 100.0),
        Some(fraction) => format!("{:.1} %", fraction * 100.0),
    }
}

pub(super) fn number(value: Option<f64>) -> String {
    match value {
        None => "no data".to_owned(),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.3}"),
    }
}

/// A rate of something rare.
pub(super) fn per_thousand(rate: Option<f64>) -> String {
    rate.map_or_else(|| "no data".to_owned(), |rate| format!("{} per 1,000", number(Some(rate * 1_000.0))))
}

/// An amount: whole when it is, with one digit after the point when it is small.
pub(super) fn count(amount: f64) -> String {
    if amount.fract() != 0.0 && amount < 1_000.0 {
        format!("{amount:.1}")
    } else {
        thousands(amount.round() as u64)
    }
}

/// `44,700`.
pub(crate) fn thousands(number: u64) -> String {
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

/// Beyond this nobody can imagine a difference.
const FALSE_ALARM_MAX: f64 = 1e9;

/// One in how many: the e-value of a natural logarithm, rounded down to two digits.
pub(super) fn false_alarm(log_e: f64) -> String {
    // The logarithm of a round number is not round, and 999.999… would be said to be 990.
    let e_value = (log_e.exp() * (1.0 + 1e-9)).clamp(1.0, FALSE_ALARM_MAX);
    let unit = 10_f64.powi((e_value.log10().floor() as i32 - 1).max(0));
    thousands(((e_value / unit).floor() * unit) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_how_many_is_rounded_down_to_two_digits() {
        let cases = [(12_999.0, "12,000"), (1_000.0, "1,000"), (999.0, "990"), (7.9, "7"), (99.9, "99")];
        for (e_value, text) in cases {
            assert_eq!(false_alarm(f64::ln(e_value)), text, "{e_value}");
        }
        assert_eq!(false_alarm(800.0), "1,000,000,000");
        assert_eq!(false_alarm(-3.0), "1");
    }

    #[test]
    fn amounts_are_whole_or_short() {
        assert_eq!(count(1_322.0), "1,322");
        assert_eq!(count(12.25), "12.2");
        assert_eq!(count(44_700.4), "44,700");
        assert_eq!(percent(Some(0.000_4)), "0.04 %");
        assert_eq!(percent(Some(0.031)), "3.1 %");
    }
}
