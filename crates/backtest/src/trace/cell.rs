//! One cell read as a number, a count or a mark.

/// What stands for nothing at all.
const MISSING: [&str; 9] = ["", "na", "n/a", "nan", "null", "none", "nil", "-", "?"];

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<T> {
    /// Something.
    Is(T),
    /// Nothing: it is empty, says so in a word, or is no finite number.
    Missing,
    /// Something else than was expected.
    Wrong,
}

/// A number; with `%`, its hundredth.
pub(super) fn number(text: &str) -> Cell<f64> {
    if is_missing(text) {
        return Cell::Missing;
    }
    let (digits, scale) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits.trim_end(), 100.0));
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Cell::Is(value / scale),
        Ok(_) => Cell::Missing,
        Err(_) => Cell::Wrong,
    }
}

/// A number that is not negative.
pub(super) fn amount(text: &str) -> Cell<f64> {
    match number(text) {
        Cell::Is(value) if value < 0.0 => Cell::Wrong,
        other => other,
    }
}

/// A whole number that is not negative; `12.0` is one.
pub(super) fn count(text: &str) -> Cell<u64> {
    match amount(text) {
        Cell::Is(value) if value.fract() == 0.0 && value <= 9_007_199_254_740_992.0 => Cell::Is(value as u64),
        Cell::Is(_) | Cell::Wrong => Cell::Wrong,
        Cell::Missing => Cell::Missing,
    }
}

/// Whether something was wrong: 0 or 1, or a word for it. Empty is no.
pub(super) fn mark(text: &str) -> Cell<bool> {
    if is_missing(text) {
        return Cell::Is(false);
    }
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "anomaly" | "anomalous" | "abnormal" | "bad" | "onset" => {
            return Cell::Is(true);
        }
        "false" | "no" | "normal" | "good" | "ok" => return Cell::Is(false),
        _ => {}
    }
    match number(text) {
        Cell::Is(value) if value == 0.0 || value == 1.0 => Cell::Is(value == 1.0),
        Cell::Is(_) | Cell::Missing | Cell::Wrong => Cell::Wrong,
    }
}

fn is_missing(text: &str) -> bool {
    MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_nothing_or_wrong() {
        assert_eq!(number("0.25"), Cell::Is(0.25));
        assert_eq!(number("-3e2"), Cell::Is(-300.0));
        assert_eq!(number("3.5%"), Cell::Is(0.035));
        for nothing in ["", "NaN", "nan", "NA", "null", "-", "inf", "-Infinity", "1e999"] {
            assert_eq!(number(nothing), Cell::Missing, "{nothing}");
        }
        for wrong in ["x", "1,5", "12 ms", "0x10"] {
            assert_eq!(number(wrong), Cell::Wrong, "{wrong}");
        }
        assert_eq!((amount("0"), amount("-0.1")), (Cell::Is(0.0), Cell::Wrong));
        assert_eq!(
            (count("12.0"), count("12.5"), count("-1"), count("")),
            (Cell::Is(12), Cell::Wrong, Cell::Wrong, Cell::Missing)
        );
    }

    #[test]
    fn marks_are_yes_or_no() {
        for yes in ["1", "1.0", "true", "TRUE", "yes", "anomaly"] {
            assert_eq!(mark(yes), Cell::Is(true), "{yes}");
        }
        for no in ["0", "", "0.0", "False", "normal", "nan"] {
            assert_eq!(mark(no), Cell::Is(false), "{no}");
        }
        assert_eq!(mark("2"), Cell::Wrong);
        assert_eq!(mark("maybe"), Cell::Wrong);
    }
}
