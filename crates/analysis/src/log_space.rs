//! Sums of numbers that are known by their natural logarithms, without overflow.

/// `ln(e^a + e^b)` for finite `a` and `b`.
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    high + (low - high).exp().ln_1p()
}

/// `ln(sum of e^term)`; minus infinity for no terms.
pub(crate) fn log_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let high = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + terms.map(|term| (term - high).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_agree_with_plain_arithmetic_and_survive_extremes() {
        assert!((log_add(2.0_f64.ln(), 3.0_f64.ln()) - 5.0_f64.ln()).abs() < 1e-15);
        assert!((log_sum([1.0_f64, 2.0, 4.0].map(f64::ln).into_iter()) - 7.0_f64.ln()).abs() < 1e-15);
        assert_eq!(log_add(1e20, -1e20), 1e20);
        assert_eq!(log_sum([-1e300, 1e300].into_iter()), 1e300);
        assert_eq!(log_sum(std::iter::empty()), f64::NEG_INFINITY);
    }
}
