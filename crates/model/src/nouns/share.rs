//! A share of traffic, exact to one part in a million.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A share of traffic between 0 % and 100 %, in parts per million. Written `1%`, `12.5%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Share(u32);

/// Why a text is not a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a share: expected a percentage between 0% and 100% with at most four decimals, like 10%"
)]
pub struct InvalidShare(pub String);

impl Share {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything.
    pub const FULL: Self = Self(1_000_000);

    /// From parts per million; `None` above 1,000,000.
    pub const fn from_ppm(ppm: u32) -> Option<Self> {
        if ppm <= 1_000_000 { Some(Self(ppm)) } else { None }
    }

    /// From whole percent; anything above 100 is 100.
    pub const fn percent(percent: u32) -> Self {
        if percent >= 100 { Self::FULL } else { Self(percent * 10_000) }
    }

    /// Parts per million.
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// As a fraction of one.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1_000_000.0
    }

    /// What is left for the others.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(1_000_000 - self.0)
    }
}

impl std::str::FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let invalid = || InvalidShare(text.to_owned());
        let number = text.trim().strip_suffix('%').ok_or_else(invalid)?.trim_end();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
            return Err(invalid());
        }
        let whole: u32 = whole.parse().map_err(|_| invalid())?;
        let decimals: u32 = format!("{decimals:0<4}").parse().map_err(|_| invalid())?;
        Self::from_ppm(whole * 10_000 + decimals).ok_or_else(invalid)
    }
}

impl TryFrom<String> for Share {
    type Error = InvalidShare;
    fn try_from(text: String) -> Result<Self, InvalidShare> {
        text.parse()
    }
}

impl From<Share> for String {
    fn from(share: Share) -> String {
        share.to_string()
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / 10_000, self.0 % 10_000);
        if decimals == 0 {
            return f.pad(&format!("{whole}%"));
        }
        let decimals = format!("{decimals:04}");
        f.pad(&format!("{whole}.{}%", decimals.trim_end_matches('0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read_and_print_exactly() {
        for (text, ppm) in
            [("1%", 10_000), ("12.5%", 125_000), ("0.0001%", 1), ("100%", 1_000_000), ("0%", 0)]
        {
            let share: Share = text.parse().unwrap();
            assert_eq!(share.ppm(), ppm, "{text}");
            assert_eq!(share.to_string(), text);
        }
        for bad in ["1", "101%", "-1%", "1.00001%", "%", "1e1%", "100.0001%", ".5%", "NaN%"] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
    }
}
