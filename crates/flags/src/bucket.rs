//! Which bucket of a `fractional` somebody is in, in the three ways flagd has done it.
//!
//! | version | hashed | bucket |
//! |---|---|---|
//! | `v1` | the text, or flag key and targeting key behind each other | `abs(int32) / INT32_MAX · 100` against percentages |
//! | `v2` | as `v1` | `hash · total weight >> 32` |
//! | `v3` | canonical CBOR of the value, or of `[flag key, targeting key]` | as `v2` |
//!
//! Invariant: the same key, weights and version always give the same bucket; nothing is stored.

use serde::{Deserialize, Serialize};

/// Which of flagd's three incompatible ways divides users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FractionalVersion {
    /// Percentages of a signed hash.
    V1,
    /// Weights of the whole hash.
    V2,
    /// As `V2`, over canonical CBOR.
    V3,
}

/// The words for it.
pub const FRACTIONAL_VERSIONS: [&str; 3] = ["v1", "v2", "v3"];

impl FractionalVersion {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }
}

impl std::fmt::Display for FractionalVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no version of `fractional`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of fractional; expected v1, v2 or v3")]
pub struct UnknownFractionalVersion(pub String);

impl std::str::FromStr for FractionalVersion {
    type Err = UnknownFractionalVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "v1" => Ok(Self::V1),
            "v2" => Ok(Self::V2),
            "v3" => Ok(Self::V3),
            other => Err(UnknownFractionalVersion(other.to_owned())),
        }
    }
}

/// The index of the bucket a hash falls into; none when all weights are zero.
pub(crate) fn bucket(version: FractionalVersion, hash: u32, weights: &[u32]) -> Option<usize> {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    if total == 0 {
        return None;
    }
    match version {
        FractionalVersion::V1 => by_percentage(hash, weights, total),
        FractionalVersion::V2 | FractionalVersion::V3 => by_weight(hash, weights, total),
    }
}

fn by_weight(hash: u32, weights: &[u32], total: u64) -> Option<usize> {
    let point = (u64::from(hash) * total) >> 32;
    let mut end = 0_u64;
    weights.iter().position(|weight| {
        end += u64::from(*weight);
        point < end
    })
}

/// The one hash whose absolute value is larger than the largest number falls into no bucket at all, as in flagd.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn by_percentage(hash: u32, weights: &[u32], total: u64) -> Option<usize> {
    let point = f64::from(hash as i32).abs() / f64::from(i32::MAX) * 100.0;
    let mut end = 0.0_f64;
    weights.iter().position(|weight| {
        end += 100.0 * f64::from(*weight) / total as f64;
        point < end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_the_first_bucket_at_a_fixed_total_only_adds_users() {
        for hash in (0..=u32::MAX).step_by(9_999_991) {
            let mut was_in = false;
            for share in 0..=100 {
                let is_in = bucket(FractionalVersion::V2, hash, &[share, 100 - share]) == Some(0);
                assert!(is_in || !was_in, "{hash} left at {share} %");
                was_in = is_in;
            }
            assert!(was_in);
        }
    }

    #[test]
    fn all_weights_zero_is_no_bucket() {
        for version in [FractionalVersion::V1, FractionalVersion::V2, FractionalVersion::V3] {
            assert_eq!(bucket(version, 7, &[0, 0]), None);
            assert_eq!(bucket(version, 7, &[]), None);
        }
    }
}
