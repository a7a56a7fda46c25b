//! Sums of numbers that are known by their natural logarithms, without overflow.

use crate::elementary::ln_of_normal;

pub(crate) use crate::elementary::{exp, ln, ln_1p};

/// More terms than this are summed in portions.
const PORTION: usize = 16;

/// `ln(e^a + e^b)` for finite `a` and `b`.
#[inline]
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    high + ln_of_normal(1.0 + exp(low - high))
}

/// `ln(sum of e^(a + b))` over pairs; minus infinity for none.
pub(crate) fn log_sum(a: &[f64], b: &[f64]) -> f64 {
    let larger = |high: f64, term: f64| if term > high { term } else { high };
    let high = a.iter().zip(b).map(|(a, b)| a + b).fold(f64::NEG_INFINITY, larger);
    if high == f64::NEG_INFINITY {
        return high;
    }
    let mut sum = 0.0;
    for (a, b) in a.chunks(PORTION).zip(b.chunks(PORTION)) {
        // Apart from the summing, which has an order, so that several terms are computed at a time.
        let mut terms = [0.0; PORTION];
        for (term, (a, b)) in terms.iter_mut().zip(a.iter().zip(b)) {
            *term = exp(a + b - high);
        }
        sum += terms.iter().sum::<f64>();
    }
    high + ln(sum)
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
