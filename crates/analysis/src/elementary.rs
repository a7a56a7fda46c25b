//! The natural logarithm and the exponential, in plain arithmetic.
//!
//! A verdict is to be recomputed bit for bit, on another machine and years later. The functions of the standard library are
//! those of the system and differ between systems in the last bit. These use only operations that IEEE 754 fixes to the
//! last bit. They are also free of branches, so that a compiler makes one loop over several bets take several at a time.
//!
//! Errors are at most about two units in the last place, which a test holds against the standard library.
//!
//! Method: argument reduction and series as in Muller, "Elementary Functions: Algorithms and Implementation" (2016),
//! chapter 11; the split of ln 2 as in fdlibm.

/// `ln 2` in two parts: the first with enough trailing zeros that its product with an exponent is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// Added to a number below 2^51 and taken off again, it rounds to an integer; its bits then hold that integer.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// 2^52, whose lowest bit is worth one.
const UNIT: u64 = 0x4330_0000_0000_0000;
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;

/// `e^power`; 0 below -708, as `e^-708` is no part of any sum that counts. `power` is at most 709 and no NaN.
#[inline]
pub(crate) fn exp(power: f64) -> f64 {
    let bounded = if power > -708.0 { power } else { -708.0 };
    let shifted = bounded * std::f64::consts::LOG2_E + ROUND;
    let times = shifted - ROUND;
    let r = (bounded - times * LN_2_HIGH) - times * LN_2_LOW;
    let two_to_times = f64::from_bits(shifted.to_bits().wrapping_add(1_023) << 52);
    // 1 + r + r^2 / 2! + ... + r^13 / 13!, |r| <= ln(2) / 2.
    let mut sum = 1.0 / 6_227_020_800.0;
    sum = sum * r + 1.0 / 479_001_600.0;
    sum = sum * r + 1.0 / 39_916_800.0;
    sum = sum * r + 1.0 / 3_628_800.0;
    sum = sum * r + 1.0 / 362_880.0;
    sum = sum * r + 1.0 / 40_320.0;
    sum = sum * r + 1.0 / 5_040.0;
    sum = sum * r + 1.0 / 720.0;
    sum = sum * r + 1.0 / 120.0;
    sum = sum * r + 1.0 / 24.0;
    sum = sum * r + 1.0 / 6.0;
    sum = sum * r + 0.5;
    let value = (1.0 + (r + r * r * sum)) * two_to_times;
    if power > -708.0 { value } else { 0.0 }
}

/// `ln(number)` for a normal positive number.
#[inline]
pub(crate) fn ln_of_normal(number: f64) -> f64 {
    ln_of_sum(number, 0.0)
}

/// `ln(1 + part)` for `part` above -1, exact also for small parts.
#[inline]
pub(crate) fn ln_1p(part: f64) -> f64 {
    let sum = 1.0 + part;
    // With what the sum lost by rounding.
    ln_of_sum(sum, part - (sum - 1.0))
}

/// `ln(number + rest)` for a normal positive number and a rest below its last place.
#[inline(always)]
fn ln_of_sum(number: f64, rest: f64) -> f64 {
    // number = mantissa * 2^exponent, sqrt(1/2) <= mantissa < sqrt(2).
    let shifted = number.to_bits().wrapping_add(ONE - SQRT_HALF);
    let biased = shifted >> 52;
    let exponent = f64::from_bits(biased | UNIT) - f64::from_bits(UNIT | 1_023);
    let mantissa = f64::from_bits((shifted & MANTISSA).wrapping_add(SQRT_HALF));
    let two_to_minus_exponent = f64::from_bits(2_046_u64.wrapping_sub(biased) << 52);
    // ln(mantissa) = 2 artanh(s), s = (mantissa - 1) / (mantissa + 1), |s| < 0.172.
    let f = (mantissa - 1.0) + rest * two_to_minus_exponent;
    let s = f / (2.0 + f);
    let z = s * s;
    let mut sum = 1.0 / 21.0;
    sum = sum * z + 1.0 / 19.0;
    sum = sum * z + 1.0 / 17.0;
    sum = sum * z + 1.0 / 15.0;
    sum = sum * z + 1.0 / 13.0;
    sum = sum * z + 1.0 / 11.0;
    sum = sum * z + 1.0 / 9.0;
    sum = sum * z + 1.0 / 7.0;
    sum = sum * z + 1.0 / 5.0;
    sum = sum * z + 1.0 / 3.0;
    // 2 artanh(s) = f - s (f - 2 s^2 sum): the leading term is exact.
    exponent * LN_2_HIGH + (f - (s * (f - 2.0 * z * sum) - exponent * LN_2_LOW))
}

/// `ln(number)` for any number: minus infinity for 0, NaN below.
pub(crate) fn ln(number: f64) -> f64 {
    if (f64::MIN_POSITIVE..f64::INFINITY).contains(&number) {
        ln_of_normal(number)
    } else if number > 0.0 && number < 1.0 {
        ln_of_normal(number * 2.0_f64.powi(54)) - 54.0 * std::f64::consts::LN_2
    } else if number == 0.0 {
        f64::NEG_INFINITY
    } else if number > 0.0 {
        number
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> impl Iterator<Item = f64> {
        let mut state = 1_u64;
        (0..200_000).map(move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        })
    }

    fn worst(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
        pairs.map(|(own, system)| ((own - system) / system).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn they_agree_with_the_system_to_a_few_units_in_the_last_place() {
        let near_one = worst(numbers().map(|u| (ln(0.5 + u), f64::ln(0.5 + u))));
        let wide = worst(numbers().map(|u| ((400.0 * (u - 0.5)).exp()).max(1e-300)).map(|x| (ln(x), x.ln())));
        let exps = worst(numbers().map(|u| 1_400.0 * u - 700.0).map(|x| (exp(x), x.exp())));
        let small = worst(numbers().map(|u| u - 0.5).map(|x| (exp(x), x.exp())));
        let ln_1ps = worst(numbers().map(|u| (60.0 * u - 50.0).exp()).map(|x| (ln_1p(x), x.ln_1p())));
        let negative = worst(numbers().map(|u| -0.999 * u).map(|x| (ln_1p(x), x.ln_1p())));
        for error in [near_one, wide, exps, small, ln_1ps, negative] {
            assert!(error < 6e-16, "{near_one} {wide} {exps} {small} {ln_1ps} {negative}");
        }
    }

    #[test]
    fn the_edges_are_what_they_are() {
        assert_eq!((exp(0.0), ln(1.0), ln_1p(0.0)), (1.0, 0.0, 0.0));
        assert_eq!((exp(-800.0), exp(f64::NEG_INFINITY), ln(0.0)), (0.0, 0.0, f64::NEG_INFINITY));
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        assert!((ln(5e-324) - 5e-324_f64.ln()).abs() < 1e-12);
        assert!((exp(709.0) / 709.0_f64.exp() - 1.0).abs() < 1e-14);
        assert_eq!(ln_1p(1e-300), 1e-300);
    }

    #[test]
    fn their_bits_are_the_same_on_every_machine() {
        let digest =
            |bits: u64, number: f64| (bits.rotate_left(7) ^ number.to_bits()).wrapping_mul(0x100_0000_01b3);
        let all = numbers().take(10_000).fold(0, |bits, u| {
            [exp(80.0 * (u - 0.5)), ln(u + 1e-9), ln_1p(u * 1e-3)].into_iter().fold(bits, digest)
        });
        assert_eq!(format!("{all:016x}"), "90a177f79594f291");
    }
}
