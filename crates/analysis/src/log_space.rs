//! Sums of numbers that are known by their natural logarithms, without overflow.

/// The natural logarithm.
pub(crate) fn ln(number: f64) -> f64 {
    number.ln()
}

/// `e^power`.
pub(crate) fn exp(power: f64) -> f64 {
    power.exp()
}

/// `ln(1 + part)`, exact also for small parts.
pub(crate) fn ln_1p(part: f64) -> f64 {
    part.ln_1p()
}

/// `ln(e^a + e^b)` for finite `a` and `b`.
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    high + ln(1.0 + exp(low - high))
}

/// `ln(sum of e^(a + b))` over pairs; minus infinity for none.
pub(crate) fn log_sum(a: &[f64], b: &[f64]) -> f64 {
    let terms = || a.iter().zip(b).map(|(a, b)| a + b);
    let high = terms().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + ln(terms().map(|term| exp(term - high)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_plain_arithmetic_and_survive_extremes() {
        assert!((log_add(2.0_f64.ln(), 3.0_f64.ln()) - 5.0_f64.ln()).abs() < 1e-15);
        let thirds = [1.0_f64, 2.0, 4.0].map(f64::ln);
        assert!((log_sum(&thirds, &[3.0_f64.ln(); 3]) - 21.0_f64.ln()).abs() < 1e-15);
        assert_eq!(log_add(1e20, -1e20), 1e20);
        assert_eq!(log_sum(&[-1e300, 1e300], &[0.0, 0.0]), 1e300);
        assert_eq!(log_sum(&[], &[]), f64::NEG_INFINITY);
    }
}
