//! All flags of a service in one environment as they stand, and how they may change.
//!
//! Owns: the fact `flag-changed` (a file format, `docs/ledger.md`), what may be asked for and what is refused. Refuses to
//! know: where facts are kept, who may ask.
//!
//! Invariant: a book is nothing but the fold of its facts, and its definitions can always be published.

use std::collections::{BTreeMap, BTreeSet};

use ripcord_model::{Actor, EnvironmentName, Timestamp, diagnostic::Diagnostics, source::SourceFile};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Definitions, FRACTIONAL, Flag, FractionalVersion, State, read_definitions};

/// The version of `fractional` that is recorded with a flag that divides users and says none.
pub const USUAL_FRACTIONAL: FractionalVersion = FractionalVersion::V3;
/// The total weight of a ramp: hundredths of a percent, and always the same, so that growing only adds users.
pub const RAMP_TOTAL: u32 = 10_000;
/// How many flags a service may have.
const FLAGS_MAX: usize = 20_000;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// A new flag with the variants `on` and `off`, which is off.
    Create {
        /// Its key.
        flag: String,
        /// What is known of it, for example `ripcord.owner`.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        metadata: Map<String, Value>,
    },
    /// Flags from a file: those in it are put, others stay.
    Load {
        /// The file's text, JSON or YAML.
        text: String,
    },
    /// Everybody gets one variant.
    Set {
        /// Of which flag.
        flag: String,
        /// Which.
        variant: String,
        /// The number of its newest change that whoever asks has seen; another one refuses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<u64>,
    },
    /// A share of users gets `on`, the others `off`.
    Ramp {
        /// Of which flag.
        flag: String,
        /// Hundredths of a percent.
        share: u32,
    },
    /// The flag is gone, and its key is never used again.
    Retire {
        /// Which.
        flag: String,
    },
}

/// Flags have changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FlagFact {
    /// See [`FlagChanged`].
    FlagChanged(FlagChanged),
}

/// One change, of one flag or of many at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagChanged {
    /// Where: the flags of staging are not those of production.
    pub environment: EnvironmentName,
    /// The number of the change, from 1.
    pub revision: u64,
    /// By key.
    pub flags: BTreeMap<String, BeforeAfter>,
    /// All shared rules, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluators: Option<Map<String, Value>>,
    /// What is said with all flags, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Why, in the person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One flag before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeforeAfter {
    /// As it was; absent when it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Flag>,
    /// As it is; absent when it is retired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Flag>,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditRefusal {
    /// There is no such flag.
    #[error("there is no flag `{0}`")]
    NoSuchFlag(String),
    /// There is one already.
    #[error("there is a flag `{0}` already")]
    Exists(String),
    /// The key was used before. Code that still asks for it would get something else than it was written for.
    #[error("the key `{0}` was retired, and old code may still ask for it; choose another")]
    Retired(String),
    /// The flag has no such variant.
    #[error("flag `{flag}` has no variant `{variant}`, only {known}")]
    NoSuchVariant {
        /// The flag.
        flag: String,
        /// What was asked for.
        variant: String,
        /// What there is.
        known: String,
    },
    /// A share above everybody.
    #[error("{0} hundredths of a percent are more than everybody; expected 0 to {RAMP_TOTAL}")]
    ShareTooLarge(u32),
    /// Users would change sides.
    #[error(
        "flag `{flag}` divides users by fractional {before}; changing to {after} now would move users between variants"
    )]
    FractionalDuringRamp {
        /// The flag.
        flag: String,
        /// As it is.
        before: FractionalVersion,
        /// As it would be.
        after: FractionalVersion,
    },
    /// Somebody else was faster.
    #[error("flag `{flag}` was changed by {by} in the meantime (change {newest}, you saw {seen})")]
    ChangedMeanwhile {
        /// The flag.
        flag: String,
        /// Who changed it.
        by: String,
        /// Its newest change.
        newest: u64,
        /// What whoever asks saw.
        seen: u64,
    },
    /// Too many flags.
    #[error("there would be {0} flags; at most {FLAGS_MAX} are kept")]
    TooMany(usize),
    /// The definitions would be wrong.
    #[error("{0}")]
    Wrong(Diagnostics),
}

/// Who changed a flag last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastChange {
    /// The number of the change.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// All flags of an environment as they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    environment: EnvironmentName,
    revision: u64,
    definitions: Definitions,
    retired: BTreeSet<String>,
    last: BTreeMap<String, LastChange>,
}

impl Book {
    /// Without flags.
    pub fn new(environment: EnvironmentName) -> Self {
        Self {
            environment,
            revision: 0,
            definitions: Definitions::default(),
            retired: BTreeSet::new(),
            last: BTreeMap::new(),
        }
    }

    /// The number of the newest change, 0 before the first.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The flags.
    pub const fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Who changed a flag last.
    pub fn last_change(&self, flag: &str) -> Option<&LastChange> {
        self.last.get(flag)
    }

    /// What a change would be; none when nothing would be different.
    pub fn propose(&self, edit: &Edit, why: Option<String>) -> Result<Option<FlagChanged>, EditRefusal> {
        let mut after = self.definitions.clone();
        match edit {
            Edit::Create { flag, metadata } => {
                if after.flags.contains_key(flag) {
                    return Err(EditRefusal::Exists(flag.clone()));
                }
                after.flags.insert(flag.clone(), new_flag(metadata.clone()));
            }
            Edit::Load { text } => load(&mut after, text)?,
            Edit::Set { flag, variant, seen } => {
                self.seen(flag, *seen)?;
                let known = known(&mut after, flag)?;
                let variant = named_variant(flag, known, variant)?;
                known.state = State::Enabled;
                known.default_variant = Some(variant);
                known.targeting = None;
            }
            Edit::Ramp { flag, share } => ramp(flag, known(&mut after, flag)?, *share)?,
            Edit::Retire { flag } => {
                after.flags.remove(flag).ok_or_else(|| EditRefusal::NoSuchFlag(flag.clone()))?;
            }
        }
        self.record_fractional(&mut after);
        let change = self.difference(&after, why);
        self.admit(&change, &after)?;
        let is_news = !change.flags.is_empty() || change.evaluators.is_some() || change.metadata.is_some();
        Ok(is_news.then_some(change))
    }

    /// Folds a fact in.
    pub fn apply(&mut self, change: &FlagChanged, at: Timestamp, by: &Actor) {
        self.revision = change.revision;
        for (key, changed) in &change.flags {
            match &changed.after {
                Some(flag) => {
                    self.definitions.flags.insert(key.clone(), flag.clone());
                }
                None => {
                    self.definitions.flags.remove(key);
                    self.retired.insert(key.clone());
                }
            }
            let last = LastChange { revision: change.revision, at, by: by.clone(), why: change.why.clone() };
            self.last.insert(key.clone(), last);
        }
        if let Some(evaluators) = &change.evaluators {
            self.definitions.evaluators = evaluators.clone();
        }
        if let Some(metadata) = &change.metadata {
            self.definitions.metadata = metadata.clone();
        }
    }

    fn seen(&self, flag: &str, seen: Option<u64>) -> Result<(), EditRefusal> {
        match (seen, self.last.get(flag)) {
            (Some(seen), Some(last)) if last.revision != seen => Err(EditRefusal::ChangedMeanwhile {
                flag: flag.to_owned(),
                by: last.by.name.to_string(),
                newest: last.revision,
                seen,
            }),
            _ => Ok(()),
        }
    }

    fn record_fractional(&self, after: &mut Definitions) {
        let evaluators = &after.evaluators;
        for flag in after.flags.values_mut() {
            if flag.fractional().is_none()
                && !flag.metadata.contains_key(FRACTIONAL)
                && flag.divides(evaluators)
            {
                flag.metadata.insert(FRACTIONAL.to_owned(), json!(USUAL_FRACTIONAL.as_str()));
            }
        }
    }

    fn difference(&self, after: &Definitions, why: Option<String>) -> FlagChanged {
        let before = &self.definitions;
        let keys: BTreeSet<&String> = before.flags.keys().chain(after.flags.keys()).collect();
        let differing = keys.into_iter().filter_map(|key| {
            let (before, after) = (before.flags.get(key).cloned(), after.flags.get(key).cloned());
            (before != after).then(|| (key.clone(), BeforeAfter { before, after }))
        });
        FlagChanged {
            environment: self.environment.clone(),
            revision: self.revision + 1,
            flags: differing.collect(),
            evaluators: (before.evaluators != after.evaluators).then(|| after.evaluators.clone()),
            metadata: (before.metadata != after.metadata).then(|| after.metadata.clone()),
            why,
        }
    }

    fn admit(&self, change: &FlagChanged, after: &Definitions) -> Result<(), EditRefusal> {
        for (key, changed) in &change.flags {
            let BeforeAfter { before, after: Some(flag) } = changed else { continue };
            if before.is_none() && self.retired.contains(key) {
                return Err(EditRefusal::Retired(key.clone()));
            }
            if let Some(was) = before.as_ref().filter(|was| was.divides(&self.definitions.evaluators))
                && flag.divides(&after.evaluators)
            {
                let (before, after) = (
                    was.fractional().unwrap_or(USUAL_FRACTIONAL),
                    flag.fractional().unwrap_or(USUAL_FRACTIONAL),
                );
                if before != after {
                    return Err(EditRefusal::FractionalDuringRamp { flag: key.clone(), before, after });
                }
            }
        }
        if after.flags.len() > FLAGS_MAX {
            return Err(EditRefusal::TooMany(after.flags.len()));
        }
        // Once more as a whole: a shared rule that changes can break a flag that does not.
        let text =
            serde_json::to_string_pretty(after).expect("definitions are plain data and always serialise");
        read(&text).map(drop)
    }
}

fn read(text: &str) -> Result<Definitions, EditRefusal> {
    let read = read_definitions(&SourceFile::new("flags", text)).map_err(EditRefusal::Wrong)?;
    read.publishable().map(|(definitions, _)| definitions).map_err(EditRefusal::Wrong)
}

fn load(after: &mut Definitions, text: &str) -> Result<(), EditRefusal> {
    let file = read(text)?;
    after.flags.extend(file.flags);
    after.evaluators.extend(file.evaluators);
    after.metadata.extend(file.metadata);
    Ok(())
}

fn known<'d>(definitions: &'d mut Definitions, flag: &str) -> Result<&'d mut Flag, EditRefusal> {
    definitions.flags.get_mut(flag).ok_or_else(|| EditRefusal::NoSuchFlag(flag.to_owned()))
}

fn new_flag(metadata: Map<String, Value>) -> Flag {
    Flag {
        state: State::Enabled,
        variants: BTreeMap::from([("off".to_owned(), json!(false)), ("on".to_owned(), json!(true))]),
        default_variant: Some("off".to_owned()),
        targeting: None,
        metadata,
    }
}

/// `on` and `off` are understood for every flag of truth values, whatever its variants are called.
fn named_variant(key: &str, flag: &Flag, asked: &str) -> Result<String, EditRefusal> {
    if flag.variants.contains_key(asked) {
        return Ok(asked.to_owned());
    }
    let wanted = match asked {
        "on" => Some(Value::Bool(true)),
        "off" => Some(Value::Bool(false)),
        _ => None,
    };
    let meant = wanted.and_then(|value| flag.variants.iter().find(|(_, has)| **has == value));
    meant.map(|(name, _)| name.clone()).ok_or_else(|| EditRefusal::NoSuchVariant {
        flag: key.to_owned(),
        variant: asked.to_owned(),
        known: flag.variants.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    })
}

/// `on` comes first and the total stays: growing only adds users, shrinking takes the newest first.
fn ramp(key: &str, flag: &mut Flag, share: u32) -> Result<(), EditRefusal> {
    if share > RAMP_TOTAL {
        return Err(EditRefusal::ShareTooLarge(share));
    }
    let (on, off) = (named_variant(key, flag, "on")?, named_variant(key, flag, "off")?);
    flag.state = State::Enabled;
    flag.targeting = Some(json!({ "fractional": [[on, share], [off, RAMP_TOTAL - share]] }));
    flag.default_variant = Some(off);
    Ok(())
}

/// How a flag stands, for people and for the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stands", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Standing {
    /// Everybody gets this variant.
    Everybody {
        /// Which.
        variant: String,
        /// `on` or `off` for a truth value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<bool>,
    },
    /// A share of users gets `on`.
    Ramp {
        /// Hundredths of a percent.
        share: u32,
    },
    /// A rule decides.
    Rule,
    /// It is not served; the code's default is in force.
    CodeDefault,
}

impl Standing {
    /// How `flag` stands.
    pub fn of(flag: &Flag) -> Self {
        match (flag.state, &flag.targeting, &flag.default_variant) {
            (State::Disabled, _, _) | (State::Enabled, None, None) => Self::CodeDefault,
            (State::Enabled, None, Some(variant)) => {
                let on = flag.variants.get(variant).and_then(Value::as_bool);
                Self::Everybody { variant: variant.clone(), on }
            }
            (State::Enabled, Some(rule), _) => {
                share_of(flag, rule).map_or(Self::Rule, |share| Self::Ramp { share })
            }
        }
    }

    /// One word: `on`, `off`, a variant, `ramp`, `rule`, `code-default`.
    pub fn word(&self) -> String {
        match self {
            Self::Everybody { on: Some(true), .. } => "on".to_owned(),
            Self::Everybody { on: Some(false), .. } => "off".to_owned(),
            Self::Everybody { variant, on: None } => variant.clone(),
            Self::Ramp { share } => format!("{} %", f64::from(*share) / 100.0),
            Self::Rule => "rule".to_owned(),
            Self::CodeDefault => "code-default".to_owned(),
        }
    }
}

/// The share of a ramp as this module writes it.
fn share_of(flag: &Flag, rule: &Value) -> Option<u32> {
    let buckets = rule.as_object().filter(|rule| rule.len() == 1)?.get("fractional")?.as_array()?;
    let [on, off] = buckets.as_slice() else { return None };
    let (name, on) = (on.get(0)?.as_str()?, on.get(1)?.as_u64()?);
    let off = off.get(1)?.as_u64()?;
    (flag.variants.get(name)? == &Value::Bool(true) && on + off == u64::from(RAMP_TOTAL))
        .then(|| u32::try_from(on).ok())?
}
