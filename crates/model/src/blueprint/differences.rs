//! How production differs from staging: the bindings of both, leaf by leaf.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Blueprint, hex};

/// One difference between the bindings of staging and those of production.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Where, as a path of keys: `workload.process.instances`.
    pub at: String,
    /// What staging has, as JSON; absent where it has nothing there.
    pub staging: Option<String>,
    /// What production has.
    pub production: Option<String>,
}

/// Every difference, ordered by its path; empty when they are alike, or where there is no staging.
///
/// Addresses that people are told through are said to differ and not shown: one of them may be a secret.
pub fn differences(blueprint: &Blueprint) -> Vec<Difference> {
    let Some(staging) = &blueprint.staging else { return Vec::new() };
    let plain = |environment| serde_json::to_value(environment).expect("an environment is plain data");
    let mut found = Vec::new();
    compare("", Some(&plain(staging)), Some(&plain(&blueprint.production)), &mut found);
    // These are about the environment itself: its name, and how it is rehearsed in.
    found.retain(|difference| !["name", "rehearse"].contains(&difference.at.as_str()));
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found
}

/// SHA-256 over the differences, lower-case hex.
pub fn differences_hash(differences: &[Difference]) -> String {
    let bytes = serde_json::to_vec(differences).expect("differences are plain data");
    hex(&Sha256::digest(bytes))
}

fn compare(at: &str, staging: Option<&Value>, production: Option<&Value>, found: &mut Vec<Difference>) {
    if staging == production {
        return;
    }
    if let (Some(Value::Object(one)), Some(Value::Object(other))) = (staging, production) {
        let only_other = other.keys().filter(|key| !one.contains_key(*key));
        for key in one.keys().chain(only_other) {
            let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            compare(&path, one.get(key), other.get(key), found);
        }
        return;
    }
    let shown = |value: Option<&Value>| {
        let value = value.filter(|value| !value.is_null())?;
        Some(if at == "notify" { masked(value) } else { value.to_string() })
    };
    found.push(Difference { at: at.to_owned(), staging: shown(staging), production: shown(production) });
}

/// The digest stands for the addresses, so that another one is another difference.
fn masked(value: &Value) -> String {
    let count = value.as_array().map_or(1, Vec::len);
    let digest = hex(&Sha256::digest(value.to_string()));
    format!("{count} (SHA-256 {})", &digest[..12])
}
