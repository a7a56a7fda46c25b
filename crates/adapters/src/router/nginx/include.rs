//! The include file: what nginx reads, and what Ripcord reads again from its first lines.

use std::fmt::Write as _;

use ripcord_model::{Share, VersionName};

use crate::{port::AdapterError, router::split::Split};

/// Starts the line that holds the split as JSON.
const RECORD: &str = "# ripcord-split-1 ";
/// The finest share `split_clients` knows, 0.01 %, in parts per million.
const RESOLUTION_PPM: u32 = 100;
/// Upstream names longer than this would not fit into nginx's default map buckets.
const LONGEST_NAME: usize = 28;

/// The text of the include file.
pub(super) fn render(split: &Split, key: &str) -> Result<String, AdapterError> {
    if key.is_empty() || key.chars().any(|c| c == '"' || c == '\\' || c.is_control()) {
        return Err(AdapterError::Permanent(format!(
            "the nginx key {key:?} cannot be used: expected an nginx expression like $remote_addr, without quotes"
        )));
    }
    let record = serde_json::to_string(split).expect("a split is plain data and always serialises");
    let mut text = format!(
        "# Written by ripcord, replaced at every change of traffic. Include it inside http {{ … }}.\n{RECORD}{record}\n"
    );
    for (version, _) in &split.weights.0 {
        upstream(&mut text, split, version);
    }
    let _ = writeln!(text, "split_clients \"{key}\" $ripcord_upstream {{");
    let last = split.weights.0.len().saturating_sub(1);
    for (position, (version, share)) in split.weights.0.iter().enumerate() {
        let share = if position == last { "*".to_owned() } else { percent(version, *share)? };
        let _ = writeln!(text, "    {share} {};", upstream_name(version));
    }
    text.push_str("}\nmap $ripcord_upstream $ripcord_version {\n");
    for (version, _) in &split.weights.0 {
        let _ = writeln!(text, "    {} \"{version}\";", upstream_name(version));
    }
    let _ = writeln!(text, "}}\nmap \"\" $ripcord_generation {{\n    default {};\n}}", split.generation);
    Ok(text)
}

fn upstream(text: &mut String, split: &Split, version: &VersionName) {
    let _ = writeln!(text, "upstream {} {{", upstream_name(version));
    for instance in split.instances.iter().filter(|instance| instance.version == *version) {
        let _ = writeln!(text, "    server {};", instance.address);
    }
    text.push_str("    keepalive 32;\n}\n");
}

/// `12.5%`, as `split_clients` writes it.
fn percent(version: &VersionName, share: Share) -> Result<String, AdapterError> {
    if share.ppm() == 0 || !share.ppm().is_multiple_of(RESOLUTION_PPM) {
        return Err(AdapterError::Permanent(format!(
            "nginx cannot give {version} a share of {share}: split_clients knows steps of 0.01%; round the stage's share"
        )));
    }
    Ok(share.to_string())
}

/// A name for nginx that tells any two versions apart. nginx compares upstream names without regard to case.
fn upstream_name(version: &VersionName) -> String {
    let mut name = String::from("ripcord_");
    for byte in version.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => name.push(char::from(byte)),
            other => {
                let _ = write!(name, "_{other:02x}");
            }
        }
    }
    if name.len() > LONGEST_NAME {
        name.truncate(LONGEST_NAME);
        let _ = write!(name, "_{:016x}", fnv1a(version.as_str().as_bytes()));
    }
    name
}

/// Fowler–Noll–Vo 1a, 64 bits: tells long names apart, no more is asked of it.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The split a file was rendered from; `None` when Ripcord did not write it.
pub(super) fn parse(text: &str) -> Option<Split> {
    let line = text.lines().find_map(|line| line.strip_prefix(RECORD))?;
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use ripcord_engine::{Generation, Instance, Weights};

    use super::*;

    fn split(weights: &[(&str, &str)]) -> Split {
        let weights =
            Weights(weights.iter().map(|(v, s)| (v.parse().unwrap(), s.parse().unwrap())).collect());
        let instance = |(position, (version, _)): (usize, &(VersionName, Share))| Instance {
            version: version.clone(),
            address: ([127, 0, 0, 1], 9000 + u16::try_from(position).unwrap()).into(),
        };
        let instances: Vec<_> = weights.0.iter().enumerate().map(instance).collect();
        Split::new(Generation(7), &weights, &instances).unwrap()
    }

    #[test]
    fn the_file_says_what_nginx_and_ripcord_need() {
        let split = split(&[("v2", "12.5%"), ("v1", "87.5%")]);
        let text = render(&split, "$remote_addr").unwrap();
        assert!(
            text.contains("upstream ripcord_v2 {\n    server 127.0.0.1:9000;\n    keepalive 32;\n}"),
            "{text}"
        );
        let clients =
            "split_clients \"$remote_addr\" $ripcord_upstream {\n    12.5% ripcord_v2;\n    * ripcord_v1;\n}";
        assert!(text.contains(clients), "{text}");
        assert!(text.contains("default 7;"), "{text}");
        assert_eq!(parse(&text), Some(split));
        assert_eq!(parse("server { }"), None);
    }

    #[test]
    fn shares_finer_than_nginx_knows_and_hostile_keys_are_refused() {
        assert!(render(&split(&[("v2", "0.01%"), ("v1", "99.99%")]), "$remote_addr").is_ok());
        let error = render(&split(&[("v2", "0.001%"), ("v1", "99.999%")]), "$remote_addr").unwrap_err();
        assert!(error.to_string().contains("0.01%"), "{error}");
        for key in ["", "a\" $x { * b; } #", "a\\", "a\nb"] {
            assert!(render(&split(&[("v1", "100%")]), key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn names_tell_versions_apart_and_stay_short() {
        let name = |version: &str| upstream_name(&version.parse().unwrap());
        assert_eq!(name("1.4.2"), "ripcord_1.4.2");
        assert_ne!(name("v1+a"), name("v1_a"));
        assert_ne!(name("V1"), name("v1"));
        let long = "v".repeat(127);
        assert_ne!(name(&format!("{long}1")), name(&format!("{long}2")));
        assert!(name(&long).len() <= LONGEST_NAME + 17);
    }
}
