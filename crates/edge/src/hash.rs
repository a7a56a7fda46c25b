//! Stable 64-bit hashing: the same key gives the same number on every machine and in every version of Ripcord.
//!
//! Not a cryptographic hash, and nothing here needs one: a user who picks their own key picks their own side, which
//! harms nobody else. Changing these functions moves users between versions during a release, so the values are
//! pinned by a test.

/// FNV-1a, 64 bit (Fowler, Noll, Vo): offset basis 0xcbf29ce484222325, prime 0x100000001b3.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): spreads every input bit over all output bits, which FNV
/// alone does not do for short keys.
pub(crate) fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Maps 64 uniform bits to 0..1,000,000 without the bias of a remainder.
pub(crate) fn to_ppm(bits: u64) -> u32 {
    u32::try_from((u128::from(bits) * 1_000_000) >> 64)
        .expect("a 64-bit number times a million, shifted by 64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_pinned() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(mix(0), 0);
        assert_eq!(
            mix(0x9e37_79b9_7f4a_7c15),
            0xe220_a839_7b1d_cdaf,
            "first output of SplitMix64 seeded with 0"
        );
        assert_eq!((to_ppm(0), to_ppm(1 << 63), to_ppm(u64::MAX)), (0, 500_000, 999_999));
    }
}
