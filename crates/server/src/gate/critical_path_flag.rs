//! What the service cannot live without is off in seconds: a critical path has a flag.

use async_trait::async_trait;
use ripcord_model::{Level, blueprint::Blueprint};

use super::{Answer, Check, Inquiry, Reason};

pub(super) struct CriticalPathFlag;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unswitchable {
    #[error("the service is lost when this path fails, and no change of it can be switched off by a flag")]
    Nothing,
    #[error("change `{change}` is on a critical path and takes minutes to go back: its level is {level}")]
    TooSlow { change: String, level: Level },
    #[error("change `{change}` is on a critical path and names no flag")]
    NoKey { change: String },
}

impl Reason for Unswitchable {
    fn fix(&self) -> String {
        match self {
            Self::Nothing => {
                "put the new path behind a flag: a code or config change with `back: { level: flag, flag: … }`"
                    .to_owned()
            }
            Self::TooSlow { change, .. } | Self::NoKey { change } => {
                format!("put `{change}` behind a flag: `back: {{ level: flag, flag: … }}`")
            }
        }
    }
}

#[async_trait]
impl Check for CriticalPathFlag {
    fn name(&self) -> &'static str {
        "critical-path-flag"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.critical_path
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        match look(&inquiry.question.blueprint) {
            Ok(flags) => Answer::pass(format!("switched off by {}", flags.join(", "))),
            Err(reason) => Answer::fail(reason),
        }
    }
}

/// The flags that switch the critical path off.
fn look(blueprint: &Blueprint) -> Result<Vec<String>, Unswitchable> {
    let mut flags = Vec::new();
    for change in blueprint.changes.iter().filter(|change| change.class.levels().contains(&Level::Flag)) {
        match change.level {
            Some(Level::Flag) => match &change.flag {
                Some(flag) => flags.push(flag.clone()),
                None => return Err(Unswitchable::NoKey { change: change.id.clone() }),
            },
            Some(level) => return Err(Unswitchable::TooSlow { change: change.id.clone(), level }),
            // A one-way change of code has no level: others may still be switched.
            None => {}
        }
    }
    if flags.is_empty() { Err(Unswitchable::Nothing) } else { Ok(flags) }
}

#[cfg(test)]
mod tests {
    use ripcord_model::ChangeClass;

    use super::*;
    use crate::testing;

    #[test]
    fn a_critical_path_is_behind_a_flag_or_blocked() {
        let mut blueprint = testing::blueprint(tempfile::tempdir().unwrap().path());
        assert!(!CriticalPathFlag.applies(&blueprint), "only critical paths are asked");
        blueprint.critical_path = true;
        assert!(CriticalPathFlag.applies(&blueprint));
        assert_eq!(look(&blueprint), Ok(vec!["submit".to_owned()]));
        let change = "flow".to_owned();

        blueprint.changes[0].level = Some(Level::Deploy);
        assert_eq!(
            look(&blueprint),
            Err(Unswitchable::TooSlow { change: change.clone(), level: Level::Deploy })
        );
        (blueprint.changes[0].level, blueprint.changes[0].flag) = (Some(Level::Flag), None);
        assert_eq!(look(&blueprint), Err(Unswitchable::NoKey { change }));
        (blueprint.changes[0].class, blueprint.changes[0].level) =
            (ChangeClass::Schema, Some(Level::Migration));
        assert_eq!(look(&blueprint), Err(Unswitchable::Nothing));
    }
}
