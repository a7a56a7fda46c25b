//! What a `digests` command prints: `TARGET sha256:HEX` per line, one line for every place.

use ripcord_model::VersionName;

use crate::{
    outside::digest,
    port::{AdapterError, Holds, Target},
};

/// No version is in more places than this; a command that lists more has gone wrong.
const MOST_TARGETS: usize = 1_000;
/// The longest name of a target that is shown.
const NAME_CHARS_MAX: usize = 128;

/// The places that `said` lists. A line without a digest is a place that cannot say.
pub(super) fn parse(command: &str, version: &VersionName, said: &str) -> Result<Vec<Target>, AdapterError> {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > MOST_TARGETS {
        let count = lines.len();
        return Err(AdapterError::Permanent(format!(
            "`{command}` printed {count} lines for {version}, expected at most {MOST_TARGETS}"
        )));
    }
    Ok(lines.into_iter().map(target).collect())
}

fn target(line: &str) -> Target {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    let rest = rest.trim();
    let holds = match digest::parse(rest) {
        Some(digest) => Holds::Digest(digest),
        None if rest.is_empty() => Holds::Unknown("it named no digest".to_owned()),
        None => {
            let said: String = rest.chars().take(40).collect();
            Holds::Unknown(format!("it said {said:?}, expected sha256: and 64 hex digits"))
        }
    };
    Target { name, lasting: true, holds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_place_and_its_digest_or_why_there_is_none() {
        let version = "v2".parse().unwrap();
        let a = "a".repeat(64);
        let said = format!("web-1 sha256:{a}\n\n  web-2\t{}\nweb-3\nweb-4 gone\n", a.to_uppercase());
        let found = parse("digests", &version, &said).unwrap();
        let digest = Holds::Digest(format!("sha256:{a}"));
        assert_eq!(
            found.iter().map(|target| target.name.as_str()).collect::<Vec<_>>(),
            ["web-1", "web-2", "web-3", "web-4"]
        );
        assert_eq!((&found[0].holds, &found[1].holds), (&digest, &digest));
        assert_eq!(found[2].holds, Holds::Unknown("it named no digest".to_owned()));
        assert!(matches!(&found[3].holds, Holds::Unknown(why) if why.contains("\"gone\"")), "{found:?}");
        let endless = "web\n".repeat(MOST_TARGETS + 1);
        assert!(parse("digests", &version, &endless).unwrap_err().to_string().contains("1001 lines"));
    }
}
