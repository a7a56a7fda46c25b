//! Times, rates and chances of a plan as people read them: rounded, since they are expectations.

use ripcord_model::Duration;

use crate::render::words;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// `2 h 10 min`; whole seconds below ten minutes, whole minutes below a day.
pub(super) fn time(seconds: f64) -> String {
    let grain = match seconds {
        s if s < 10.0 * MINUTE => 1.0,
        s if s < DAY => MINUTE,
        _ => HOUR,
    };
    let rounded = (seconds / grain).round().max(1.0) * grain;
    Duration::from_ms((rounded * 1_000.0) as u64).human()
}

/// At most five characters, for tables: `45s`, `1.6m`, `24m`, `2.2h`, `35h`, `3.1d`.
pub(super) fn short_time(seconds: f64) -> String {
    let in_unit = |unit: f64, name: &str| {
        let amount = seconds / unit;
        if amount < 9.95 { format!("{amount:.1}{name}") } else { format!("{amount:.0}{name}") }
    };
    match seconds {
        s if s < 89.5 => format!("{:.0}s", s.max(1.0)),
        s if s < 89.5 * MINUTE => in_unit(MINUTE, "m"),
        s if s < 35.5 * HOUR => in_unit(HOUR, "h"),
        _ => in_unit(DAY, "d"),
    }
}

/// `73 %`; what is nearly certain or nearly impossible stays so.
pub(super) fn percent(chance: f64) -> String {
    match (chance * 100.0).round() {
        100.0 if chance < 1.0 => "over 99 %".to_owned(),
        0.0 if chance > 0.0 => "under 1 %".to_owned(),
        whole => format!("{whole} %"),
    }
}

/// Two significant digits: `0.4`, `7.3`, `190`, `44,000`.
pub(super) fn about(number: f64) -> String {
    if number <= 0.0 {
        return "0".to_owned();
    }
    let scale = 10_f64.powf(number.log10().floor() - 1.0);
    let rounded = (number / scale).round() * scale;
    match rounded {
        rounded if rounded >= 10.0 => words::thousands(rounded.round() as u64),
        rounded if rounded >= 0.1 => trimmed(format!("{rounded:.1}")),
        _ => "under 0.1".to_owned(),
    }
}

/// `400 requests/s`, `0.2 requests/s`.
pub(super) fn per_second(requests: f64) -> String {
    format!("{}/s", plural(requests, "request"))
}

/// Of something rare in the unit in which it is at least one: `1 request/s`, `30 requests/min`, `3 per day`.
pub(super) fn requests_per_time(per_second: f64) -> String {
    let (amount, unit) = unit_of(per_second);
    format!("{}/{unit}", plural(amount, "request"))
}

/// `3 per day`, `1.2 per second`.
pub(super) fn often(per_second: f64) -> String {
    let (amount, unit) = unit_of(per_second);
    let unit = match unit {
        "s" => "second",
        "min" => "minute",
        other => other,
    };
    format!("{} per {unit}", exact(amount))
}

fn unit_of(per_second: f64) -> (f64, &'static str) {
    let units = [(1.0, "s"), (MINUTE, "min"), (HOUR, "hour")];
    let found = units.into_iter().find(|(seconds, _)| per_second * seconds >= 0.995);
    let (seconds, unit) = found.unwrap_or((DAY, "day"));
    (per_second * seconds, unit)
}

fn plural(amount: f64, one: &str) -> String {
    let number = exact(amount);
    if number == "1" { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// As it was given, to three significant digits.
fn exact(number: f64) -> String {
    words::value(number, false)
}

fn trimmed(text: String) -> String {
    text.strip_suffix(".0").map_or_else(|| text.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_what_can_be_known() {
        assert_eq!(time(7_812.3), "2 h 10 min");
        assert_eq!(time(96.3), "1 min 36 s");
        assert_eq!(time(0.2), "1 s");
        assert_eq!(time(200_000.0), "2 d 8 h");
        let short =
            [0.1, 45.0, 96.0, 1_432.0, 5_369.0, 7_812.0, 100_000.0, 200_000.0, 8_000_000.0].map(short_time);
        assert_eq!(short, ["1s", "45s", "1.6m", "24m", "89m", "2.2h", "28h", "2.3d", "93d"]);
    }

    #[test]
    fn chances_are_never_rounded_to_certainty() {
        assert_eq!(
            [0.0, 0.001, 0.04, 0.733, 0.999, 1.0].map(percent),
            ["0 %", "under 1 %", "4 %", "73 %", "over 99 %", "100 %"]
        );
    }

    #[test]
    fn expectations_have_two_digits_and_rates_a_unit_in_which_they_are_whole() {
        assert_eq!(
            [0.0, 0.02, 0.44, 7.31, 9.96, 187.0, 43_753.7].map(about),
            ["0", "under 0.1", "0.4", "7.3", "10", "190", "44,000"]
        );
        assert_eq!(per_second(400.0), "400 requests/s");
        assert_eq!(requests_per_time(1.0), "1 request/s");
        assert_eq!(requests_per_time(0.5), "30 requests/min");
        assert_eq!(often(3.0 / 86_400.0), "3 per day");
        assert_eq!(often(4.0), "4 per second");
    }
}
