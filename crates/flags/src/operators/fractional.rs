//! `fractional`: users divided by the hash of a stable key.

use bumpalo::Bump;
use datalogic_rs::{CustomOperator, DataValue, Result, operator::EvalContext};

use crate::{FractionalVersion, bucket::bucket, cbor, murmur};

/// The operator, in one of its versions.
pub(super) struct Fractional(pub(super) FractionalVersion);

impl CustomOperator for Fractional {
    fn evaluate<'a>(
        &self,
        args: &[&'a DataValue<'a>],
        context: &mut EvalContext<'_, 'a>,
        arena: &'a Bump,
    ) -> Result<&'a DataValue<'a>> {
        Ok(self.divide(args, context.root_input(), arena).unwrap_or_else(|| arena.alloc(DataValue::Null)))
    }
}

impl Fractional {
    fn divide<'a>(
        &self,
        args: &[&'a DataValue<'a>],
        root: &'a DataValue<'a>,
        arena: &'a Bump,
    ) -> Option<&'a DataValue<'a>> {
        let (seed, buckets) = match args {
            [DataValue::Array(_), ..] => (None, args),
            [DataValue::Null, buckets @ ..] => (None, buckets),
            [seed, buckets @ ..] => (Some(*seed), buckets),
            [] => return None,
        };
        let hash = match seed {
            Some(seed) => self.explicit(seed)?,
            None => self.implicit(root)?,
        };
        let mut weights = bumpalo::collections::Vec::with_capacity_in(buckets.len(), arena);
        let mut total = 0_u64;
        for bucket in buckets {
            let weight = weight(bucket)?;
            total += u64::from(weight);
            weights.push(weight);
        }
        if total > u64::from(MAX_TOTAL) {
            return None;
        }
        let chosen = buckets.get(bucket(self.0, hash, &weights)?)?;
        match &chosen.as_array()?[0] {
            DataValue::Array(_) | DataValue::Object(_) => None,
            variant => Some(variant),
        }
    }

    /// By what the rule says.
    fn explicit(&self, seed: &DataValue<'_>) -> Option<u32> {
        match (self.0, seed) {
            (FractionalVersion::V1 | FractionalVersion::V2, DataValue::String(text)) => {
                Some(murmur::hash(text.as_bytes()))
            }
            (FractionalVersion::V1 | FractionalVersion::V2, _) => None,
            (FractionalVersion::V3, seed) => {
                let mut bytes = Vec::with_capacity(64);
                cbor::write(seed, &mut bytes);
                Some(murmur::hash(&bytes))
            }
        }
    }

    /// By flag and targeting key. Without one nobody can be told apart, so nobody is divided.
    fn implicit(&self, root: &DataValue<'_>) -> Option<u32> {
        let key = field(root, "targetingKey")?.as_str()?;
        let flag =
            field(root, "$flagd").and_then(|flagd| field(flagd, "flagKey")).and_then(DataValue::as_str);
        let flag = flag.unwrap_or_default();
        let mut bytes = Vec::with_capacity(flag.len() + key.len() + 16);
        match self.0 {
            FractionalVersion::V1 | FractionalVersion::V2 => {
                bytes.extend_from_slice(flag.as_bytes());
                bytes.extend_from_slice(key.as_bytes());
            }
            FractionalVersion::V3 => cbor::write_pair(flag, key, &mut bytes),
        }
        Some(murmur::hash(&bytes))
    }
}

/// The largest sum of weights.
pub(crate) const MAX_TOTAL: u32 = i32::MAX as u32;

/// Missing is 1, negative is 0, and what is no whole number makes the rule unanswerable.
fn weight(bucket: &DataValue<'_>) -> Option<u32> {
    match bucket.as_array()? {
        [] => None,
        [_] | [_, DataValue::Null] => Some(1),
        [_, weight, ..] => {
            let whole = weight.is_number().then(|| weight.as_i64())??;
            u32::try_from(whole.max(0)).ok().filter(|weight| *weight <= MAX_TOTAL)
        }
    }
}

fn field<'a>(value: &DataValue<'a>, name: &str) -> Option<&'a DataValue<'a>> {
    value.as_object()?.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value)
}
