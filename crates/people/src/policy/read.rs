//! Reading rules, and saying where they are wrong.

use std::fmt;

use cedar_policy::{Policy as Rule, PolicyId, PolicySet, ValidationMode, Validator};
use miette::Diagnostic;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{CEILING, PARSED_SCHEMA};

/// How many mistakes are listed.
const MISTAKES_MAX: usize = 20;
/// The largest policy, in bytes of all files.
const BYTES_MAX: usize = 1 << 20;

/// Where the rules in force come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySource {
    /// Paths below the service's root, in order; empty for the built-in rules.
    pub files: Vec<String>,
    /// SHA-256 over all of them, lower-case hex.
    pub sha256: String,
}

/// One mistake in a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// In which file.
    pub file: String,
    /// In which line, from 1; absent where only the rule is known.
    pub line: Option<usize>,
    /// In which column, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it, when Cedar knows.
    pub help: Option<String>,
}

/// Everything that is wrong with a policy. None of it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Mistakes(pub Vec<Mistake>);

impl PolicySource {
    pub(super) fn built_in() -> Self {
        Self { files: Vec::new(), sha256: digest([super::DEFAULT]) }
    }

    pub(super) fn of(files: &[(String, String)]) -> Self {
        let names = files.iter().map(|(name, _)| name.clone()).collect();
        Self { files: names, sha256: digest(files.iter().flat_map(|(name, text)| [name.as_str(), text])) }
    }

    /// Whether nobody wrote rules for the service.
    pub fn is_built_in(&self) -> bool {
        self.files.is_empty()
    }
}

impl fmt::Display for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_built_in() { f.write_str("built in") } else { f.write_str(&self.files.join(", ")) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Each text with its length before it, so that moving a line from one file to the next is another policy.
fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rules of all files with the ceiling, validated, or every mistake.
pub(super) fn rules(files: &[(String, String)]) -> Result<PolicySet, Mistakes> {
    let size: usize = files.iter().map(|(_, text)| text.len()).sum();
    if size > BYTES_MAX {
        let message = format!("the policy has {size} bytes, and {BYTES_MAX} are read at most");
        return Err(Mistakes(vec![Mistake::without_place("policy", message)]));
    }
    let mut all: PolicySet = CEILING.parse().expect("the built-in rules are tested");
    all = renamed("ceiling", &all).expect("the built-in rules are no templates");
    let mut mistakes = Vec::new();
    for (file, text) in files {
        match text.parse::<PolicySet>() {
            Err(errors) => mistakes.extend(errors.iter().map(|error| Mistake::at(file, text, error))),
            Ok(set) => match renamed(file, &set) {
                Err(mistake) => mistakes.push(mistake),
                Ok(set) => {
                    mistakes.extend(invalid(file, text, &set));
                    all.merge(&set, false).expect("ids begin with the file's name");
                }
            },
        }
    }
    mistakes.truncate(MISTAKES_MAX);
    if mistakes.is_empty() { Ok(all) } else { Err(Mistakes(mistakes)) }
}

/// The same rules under ids that begin with their file's name: Cedar counts from 0 in every file.
fn renamed(file: &str, set: &PolicySet) -> Result<PolicySet, Mistake> {
    if set.templates().next().is_some() {
        let message = "a template (`?principal`, `?resource`) is nowhere filled in: write out the rule";
        return Err(Mistake::without_place(file, message));
    }
    let rule = |rule: &Rule| {
        let id = rule.annotation("id").map_or_else(|| rule.id().to_string(), ToOwned::to_owned);
        rule.new_id(PolicyId::new(format!("{file}#{}#{id}", rule.id())))
    };
    PolicySet::from_policies(set.policies().map(rule))
        .map_err(|error| Mistake::without_place(file, error.to_string()))
}

fn invalid(file: &str, text: &str, set: &PolicySet) -> Vec<Mistake> {
    let result = Validator::new(PARSED_SCHEMA.clone()).validate(set, ValidationMode::Strict);
    result.validation_errors().map(|error| Mistake::at(file, text, error)).collect()
}

impl Mistake {
    fn without_place(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, column: None, message: message.into(), help: None }
    }

    fn at(file: &str, text: &str, error: &(impl Diagnostic + ToString)) -> Self {
        let offset = error.labels().and_then(|mut labels| labels.next()).map(|label| label.offset());
        let place = offset.map(|offset| place(text, offset));
        // Cedar names rules by their id, which is ours; the place says it better.
        let message = error.to_string();
        let message = match message.split_once("`, ") {
            Some((rule, rest)) if rule.starts_with("for policy `") => rest.to_owned(),
            Some(_) | None => message,
        };
        Self {
            file: file.to_owned(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message,
            help: error.help().map(|help| help.to_string()),
        }
    }
}

/// Line and column of an offset in bytes, both from 1; columns in characters.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
