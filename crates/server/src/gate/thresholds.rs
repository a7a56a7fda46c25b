//! What sends the release back is numbers: a rule with a limit and a duration, on signals that exist.

use async_trait::async_trait;
use ripcord_model::{
    Duration, SignalName,
    blueprint::{Blueprint, Rule, Sustain},
};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct Thresholds;

#[derive(Debug, PartialEq, thiserror::Error)]
enum Vague {
    #[error("no signal can send the release back: nobody said from which number on")]
    NoRule,
    #[error("change `{change}` is watched by `{signal}`, which is not measured")]
    NoSuchSignal { change: String, signal: SignalName },
    #[error("change `{change}` is watched by {signals}, and none of them can send it back")]
    Toothless { change: String, signals: String },
    #[error("a rule of `{signal}` has no duration: `{rule}`")]
    NoDuration { signal: SignalName, rule: String },
}

impl Reason for Vague {
    fn fix(&self) -> String {
        match self {
            Self::NoRule => "give a signal a `rollback:` rule in ripcord.yaml: `above 5% for 5m`".to_owned(),
            Self::NoSuchSignal { signal, .. } => {
                format!(
                    "describe `{signal}` below `signals:` in ripcord.yaml, or correct its name in the plan"
                )
            }
            Self::Toothless { .. } => {
                "add `thresholds: { SIGNAL: above 3% for 2m }` to `back:` of the change".to_owned()
            }
            Self::NoDuration { .. } => "say for how long: `above 5% for 5m`".to_owned(),
        }
    }

    fn owner(&self, blueprint: &Blueprint) -> String {
        match self {
            Self::NoSuchSignal { change, .. } | Self::Toothless { change, .. } => {
                let found = blueprint.changes.iter().find(|candidate| candidate.id == *change);
                found.map_or(&blueprint.owner, |found| &found.owner).to_string()
            }
            Self::NoRule | Self::NoDuration { .. } => blueprint.owner.to_string(),
        }
    }
}

#[async_trait]
impl Check for Thresholds {
    fn name(&self) -> &'static str {
        "thresholds"
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint) {
            Ok(rules) => Answer::pass(format!("{rules} rules with numbers can send it back")),
            Err(vague) => Answer::fail(vague),
        }
    }
}

/// How many rules can send the release back.
fn look(blueprint: &Blueprint) -> Result<usize, Vague> {
    let rules =
        blueprint.signals.iter().flat_map(|signal| signal.rollback.iter().map(move |rule| (signal, rule)));
    let mut count = 0;
    for (signal, rule) in rules {
        if !lasts(rule) {
            return Err(Vague::NoDuration { signal: signal.name.clone(), rule: rule.to_string() });
        }
        count += 1;
    }
    if count == 0 {
        return Err(Vague::NoRule);
    }
    for change in &blueprint.changes {
        let known = |name: &SignalName| blueprint.signals.iter().find(|signal| signal.name == *name);
        if let Some(signal) = change.signals.iter().find(|name| known(name).is_none()) {
            return Err(Vague::NoSuchSignal { change: change.id.clone(), signal: signal.clone() });
        }
        let watching = change.signals.iter().filter_map(known);
        let toothless =
            !change.signals.is_empty() && watching.into_iter().all(|signal| signal.rollback.is_empty());
        if toothless {
            let signals: Vec<&str> = change.signals.iter().map(SignalName::as_str).collect();
            return Err(Vague::Toothless { change: change.id.clone(), signals: signals.join(", ") });
        }
    }
    Ok(count)
}

/// Whether a rule says for how long, or is decided by evidence, which takes as long as it takes.
fn lasts(rule: &Rule) -> bool {
    match rule {
        Rule::Threshold(condition) => match condition.sustain {
            Sustain::For(duration) | Sustain::In(duration) => duration > Duration::ZERO,
        },
        Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn blueprint() -> Blueprint {
        testing::blueprint(tempfile::tempdir().unwrap().path())
    }

    #[test]
    fn every_vague_way_back_is_named() {
        let good = blueprint();
        assert_eq!(look(&good), Ok(1));

        let mut none = good.clone();
        none.signals[0].rollback.clear();
        assert_eq!(look(&none), Err(Vague::NoRule));

        let mut unknown = good.clone();
        unknown.changes[0].signals = vec![SignalName::new("nothing").unwrap()];
        let signal = SignalName::new("nothing").unwrap();
        assert_eq!(look(&unknown), Err(Vague::NoSuchSignal { change: "flow".to_owned(), signal }));

        let mut toothless = good.clone();
        let mut quiet = good.signals[0].clone();
        (quiet.name, quiet.rollback) = (SignalName::new("quiet").unwrap(), Vec::new());
        toothless.changes[0].signals = vec![quiet.name.clone()];
        toothless.signals.push(quiet);
        assert!(matches!(look(&toothless), Err(Vague::Toothless { .. })));

        let mut instant = good;
        let Rule::Threshold(condition) = &mut instant.signals[0].rollback[0] else { panic!() };
        condition.sustain = Sustain::For(Duration::ZERO);
        assert!(matches!(look(&instant), Err(Vague::NoDuration { .. })));
    }
}
