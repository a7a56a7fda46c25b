//! A number that changes when a configuration does. It guards against mistakes, not against an adversary: the
//! blueprint's hash does that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// FNV-1a, 64 bits, over the exact bits of every number of a configuration
/// (<http://www.isthe.com/chongo/tech/comp/fnv/>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Begins with the name of a test, so that two tests of the same numbers differ.
    pub(crate) fn of(test: &str) -> Self {
        test.bytes().fold(Self::EMPTY, |fingerprint, byte| fingerprint.with_u64(u64::from(byte)))
    }

    pub(crate) fn with_u64(self, number: u64) -> Self {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Self(number.to_le_bytes().into_iter().fold(self.0, step))
    }

    pub(crate) fn with(self, other: Self) -> Self {
        self.with_u64(other.0)
    }

    pub(crate) fn with_f64(self, number: f64) -> Self {
        self.with_u64(number.to_bits())
    }

    pub(crate) fn with_all(self, numbers: &[f64]) -> Self {
        let counted = self.with_u64(numbers.len() as u64);
        numbers.iter().fold(counted, |fingerprint, number| fingerprint.with_f64(*number))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
