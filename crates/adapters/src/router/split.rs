//! What every router checks before it touches anything, and how it tells what it was told.

use ripcord_engine::{Generation, Instance, Weights};
use ripcord_model::Share;
use serde::{Deserialize, Serialize};

use crate::port::AdapterError;

/// A split with everything that is needed to put it in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Split {
    /// Which intent it is.
    pub generation: Generation,
    /// The shares.
    pub weights: Weights,
    /// Where the named versions answer; versions not named are left out.
    pub instances: Vec<Instance>,
}

impl Split {
    /// A split that can be put in force: shares that add up, and somewhere to send them.
    pub(super) fn new(
        generation: Generation,
        weights: &Weights,
        instances: &[Instance],
    ) -> Result<Self, AdapterError> {
        let total: u64 = weights.0.iter().map(|(_, share)| u64::from(share.ppm())).sum();
        if total != u64::from(Share::FULL.ppm()) {
            return Err(AdapterError::Permanent(format!("shares must add up to 100%: {weights}")));
        }
        for (position, (version, _)) in weights.0.iter().enumerate() {
            if weights.0[..position].iter().any(|(other, _)| other == version) {
                return Err(AdapterError::Permanent(format!("{version} is named twice: {weights}")));
            }
            if !instances.iter().any(|instance| instance.version == *version) {
                return Err(AdapterError::Transient(format!(
                    "no instance of {version} is known, so its share of {weights} has nowhere to go"
                )));
            }
        }
        let named =
            instances.iter().filter(|instance| weights.0.iter().any(|(name, _)| *name == instance.version));
        Ok(Self { generation, weights: weights.clone(), instances: named.cloned().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(of: &[(&str, u32)]) -> Weights {
        Weights(of.iter().map(|(name, percent)| (name.parse().unwrap(), Share::percent(*percent))).collect())
    }

    fn instance(version: &str, port: u16) -> Instance {
        Instance { version: version.parse().unwrap(), address: ([127, 0, 0, 1], port).into() }
    }

    #[test]
    fn only_what_adds_up_and_has_somewhere_to_go_is_a_split() {
        let instances = [instance("v1", 1), instance("v2", 2), instance("v3", 3)];
        let split = Split::new(Generation(7), &weights(&[("v2", 10), ("v1", 90)]), &instances).unwrap();
        assert_eq!(split.instances, instances[..2]);
        for bad in [&[("v2", 10), ("v1", 80)][..], &[("v1", 50), ("v1", 50)], &[("v1", 50), ("v9", 50)], &[]]
        {
            assert!(Split::new(Generation(7), &weights(bad), &instances).is_err(), "{bad:?}");
        }
    }
}
