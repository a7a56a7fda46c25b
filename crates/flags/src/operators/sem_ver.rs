//! `sem_ver`: a version, a comparison, a version. Build metadata is ignored, parts may be missing, a `v` may stand before it.

use std::fmt::Write as _;

use bumpalo::Bump;
use datalogic_rs::{CustomOperator, DataValue, Result, operator::EvalContext};
use semver::{BuildMetadata, Version};

/// The comparisons there are.
pub(crate) const COMPARISONS: [&str; 8] = ["=", "!=", ">", "<", ">=", "<=", "~", "^"];

/// The operator.
pub(super) struct SemVer;

impl CustomOperator for SemVer {
    fn evaluate<'a>(
        &self,
        args: &[&'a DataValue<'a>],
        _context: &mut EvalContext<'_, 'a>,
        arena: &'a Bump,
    ) -> Result<&'a DataValue<'a>> {
        let answer = match args {
            [left, DataValue::String(comparison), right] => compare(left, comparison, right),
            _ => None,
        };
        Ok(arena.alloc(answer.map_or(DataValue::Null, DataValue::Bool)))
    }
}

fn compare(left: &DataValue<'_>, comparison: &str, right: &DataValue<'_>) -> Option<bool> {
    let (left, right) = (read(left)?, read(right)?);
    Some(match comparison {
        "=" => left == right,
        "!=" => left != right,
        ">" => left > right,
        "<" => left < right,
        ">=" => left >= right,
        "<=" => left <= right,
        "~" => (left.major, left.minor) == (right.major, right.minor),
        "^" => left.major == right.major,
        _ => return None,
    })
}

fn read(value: &DataValue<'_>) -> Option<Version> {
    match value {
        DataValue::String(text) => version(text),
        DataValue::Number(_) => {
            let mut text = String::new();
            match value.as_i64() {
                Some(whole) => write!(text, "{whole}").ok()?,
                None => write!(text, "{}", value.as_f64()?).ok()?,
            }
            version(&text)
        }
        DataValue::Null | DataValue::Bool(_) | DataValue::Array(_) | DataValue::Object(_) => None,
    }
}

/// A version as people write it: `v1`, `1.2`, `1.2.3-alpha+build`.
pub(crate) fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let mut version = match Version::parse(text) {
        Ok(version) => version,
        Err(_) => Version::parse(&padded(text)?).ok()?,
    };
    version.build = BuildMetadata::EMPTY;
    Some(version)
}

/// With the parts that are missing.
fn padded(text: &str) -> Option<String> {
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at(end);
    match core.matches('.').count() {
        0 => Some(format!("{core}.0.0{rest}")),
        1 => Some(format!("{core}.0{rest}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_people_write_them() {
        for (text, expected) in [
            ("1.2.3", Some("1.2.3")),
            ("v1.2.3", Some("1.2.3")),
            ("V1", Some("1.0.0")),
            ("1.2", Some("1.2.0")),
            ("1.2-alpha", Some("1.2.0-alpha")),
            ("1.2.3+build", Some("1.2.3")),
            ("2.0.0.0", None),
            ("", None),
            ("v", None),
            ("not-a-version", None),
            ("1.", None),
        ] {
            assert_eq!(version(text).map(|read| read.to_string()).as_deref(), expected, "{text}");
        }
    }
}
