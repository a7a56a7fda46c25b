//! What is checked when evidence is read back from where it was stored.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The version of the serialised form of a state. Reading any other is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Version;

const VERSION: u32 = 1;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            VERSION => Ok(Self),
            other => Err(D::Error::custom(format!(
                "evidence of version {other} cannot be read: expected version {VERSION}; read the blocks again \
                 from the first"
            ))),
        }
    }
}

/// A finite number.
pub(crate) fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    if number.is_finite() { Ok(number) } else { Err(D::Error::custom("damaged: expected a finite number")) }
}

/// Two finite numbers.
pub(crate) fn finite_pair<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(f64, f64), D::Error> {
    let pair = <(f64, f64)>::deserialize(deserializer)?;
    let usable = pair.0.is_finite() && pair.1.is_finite();
    if usable { Ok(pair) } else { Err(D::Error::custom("damaged: expected finite numbers")) }
}

/// A finite number, or none.
pub(crate) fn finite_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?;
    let usable = number.is_none_or(f64::is_finite);
    if usable { Ok(number) } else { Err(D::Error::custom("damaged: expected a finite number")) }
}

/// So many finite numbers.
pub(crate) fn finite_array<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[f64; N], D::Error>
where
    [f64; N]: Deserialize<'de>,
{
    let numbers = <[f64; N]>::deserialize(deserializer)?;
    let usable = numbers.iter().all(|number| number.is_finite());
    if usable { Ok(numbers) } else { Err(D::Error::custom("damaged: expected finite numbers")) }
}

/// Finite numbers, at least one.
pub(crate) fn all_finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[f64]>, D::Error> {
    let numbers = Box::<[f64]>::deserialize(deserializer)?;
    let usable = !numbers.is_empty() && numbers.iter().all(|number| number.is_finite());
    if usable { Ok(numbers) } else { Err(D::Error::custom("damaged: expected finite numbers, at least one")) }
}
