//! Draws that depend on a seed and a number only, so that a run can be repeated.

/// What a draw is for. Draws for different purposes do not correlate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Whether a submission fails.
    Error = 1,
    /// Whether a request is never answered.
    Hang = 2,
    /// How much of the jitter is added.
    Jitter = 3,
    /// Which user sends.
    User = 4,
}

/// The `index`-th draw for `purpose`: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014).
pub fn bits(seed: u64, purpose: Purpose, index: u64) -> u64 {
    let stream = mix(seed ^ (purpose as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mix(stream.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// A draw from [0, 1).
pub fn fraction(seed: u64, purpose: Purpose, index: u64) -> f64 {
    const STEPS: f64 = (1_u64 << 53) as f64;
    (bits(seed, purpose, index) >> 11) as f64 / STEPS
}

fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_draws_below_a_rate_is_the_rate() {
        let hits = (0..100_000).filter(|index| fraction(7, Purpose::Error, *index) < 0.05).count();
        assert!((4_700..5_300).contains(&hits), "{hits}");
    }

    #[test]
    fn draws_repeat_with_the_seed_and_differ_by_purpose() {
        let draw = |seed, purpose| (0..8).map(|index| bits(seed, purpose, index)).collect::<Vec<_>>();
        assert_eq!(draw(1, Purpose::Hang), draw(1, Purpose::Hang));
        assert_ne!(draw(1, Purpose::Hang), draw(2, Purpose::Hang));
        assert_ne!(draw(1, Purpose::Hang), draw(1, Purpose::Error));
    }
}
