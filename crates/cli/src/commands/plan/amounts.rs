//! Amounts as people write them on the command line: `400/s`, `24k/min`, `errors=0.9%`, `crashes=3/day`.

use std::str::FromStr;

use ripcord_model::SignalName;

/// Requests per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traffic(pub(super) f64);

/// How often a signal is bad while nothing is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Base {
    pub(super) signal: SignalName,
    pub(super) amount: Amount,
    /// Events per second of the signal, where it has its own.
    pub(super) events_per_second: Option<f64>,
}

/// Per event, or per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    PerEvent(f64),
    PerSecond(f64),
}

const UNITS: [(&[&str], f64); 4] = [
    (&["s", "sec", "second"], 1.0),
    (&["m", "min", "minute"], 60.0),
    (&["h", "hour"], 3_600.0),
    (&["d", "day"], 86_400.0),
];

impl FromStr for Traffic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let per_second = per_second(text).filter(|number| *number > 0.0);
        per_second.map(Self).ok_or_else(|| "expected a rate, like 400/s, 24k/min or 1.5M/h".to_owned())
    }
}

impl FromStr for Base {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || "expected SIGNAL=RATE, like errors=0.9%, crashes=3/day or errors=0.9%@40/s".to_owned();
        let (signal, rate) = text.split_once('=').ok_or_else(expected)?;
        let signal = SignalName::new(signal).map_err(|_| expected())?;
        let (rate, events) = match rate.split_once('@') {
            Some((rate, events)) => {
                (rate, Some(per_second(events).filter(|n| *n > 0.0).ok_or_else(expected)?))
            }
            None => (rate, None),
        };
        let amount = amount(rate).ok_or_else(expected)?;
        Ok(Self { signal, amount, events_per_second: events })
    }
}

fn amount(text: &str) -> Option<Amount> {
    if let Some(percent) = text.trim().strip_suffix('%') {
        // 0.9 / 100 is 0.009000000000000001; nobody meant that.
        let share = number(percent)? / 100.0;
        return Some(Amount::PerEvent((share * 1e12).round() / 1e12));
    }
    per_second(text).map(Amount::PerSecond).or_else(|| number(text).map(Amount::PerEvent))
}

/// `24k/min` is 400.
fn per_second(text: &str) -> Option<f64> {
    let (amount, unit) = text.split_once('/')?;
    let unit = unit.trim();
    let (_, seconds) = UNITS.iter().find(|(names, _)| names.contains(&unit))?;
    let amount = amount.trim();
    let (digits, factor) = match amount.char_indices().last()? {
        (at, 'k' | 'K') => (&amount[..at], 1e3),
        (at, 'M') => (&amount[..at], 1e6),
        (_, _) => (amount, 1.0),
    };
    Some(number(digits)? * factor / seconds)
}

/// A plain decimal number, not negative.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_every_usual_way() {
        let cases = [
            ("400/s", 400.0),
            ("24k/min", 400.0),
            ("24000 / m", 400.0),
            ("1.44M/h", 400.0),
            ("86.4k/day", 1.0),
        ];
        for (text, expected) in cases {
            let Traffic(read) = text.parse().unwrap();
            assert!((read - expected).abs() < 1e-9, "{text}: {read}");
        }
        for bad in [
            "",
            "400",
            "0/s",
            "-1/s",
            "1e3/s",
            "400/fortnight",
            "k/s",
            "inf/s",
            "4 0/s",
            "400/s/s",
            "1.2.3/s",
        ] {
            assert!(bad.parse::<Traffic>().is_err(), "{bad}");
        }
    }

    #[test]
    fn bases_are_shares_rates_and_rates_of_something() {
        let read = |text: &str| text.parse::<Base>().unwrap();
        let base = read("submit-errors=0.9%");
        assert_eq!((base.signal.as_str(), base.events_per_second), ("submit-errors", None));
        assert!(matches!(base.amount, Amount::PerEvent(rate) if (rate - 0.009).abs() < 1e-12));
        assert_eq!(read("errors=0.02").amount, Amount::PerEvent(0.02));
        assert!(
            matches!(read("crashes=3/day").amount, Amount::PerSecond(rate) if (rate * 86_400.0 - 3.0).abs() < 1e-9)
        );
        assert_eq!(read("errors=1%@40/s").events_per_second, Some(40.0));
        for bad in
            ["errors", "=1%", "errors=", "errors=x%", "errors=1%@", "errors=1%@0/s", "UPPER=1%", "errors=-1%"]
        {
            assert!(bad.parse::<Base>().is_err(), "{bad}");
        }
    }
}
