//! A critical path has a runbook; a runbook that is named is there, can be read, and names flag, access and budget.

use std::sync::Arc;

use async_trait::async_trait;
use ripcord_model::{
    blueprint::Blueprint,
    diagnostic::{Code, Diagnostic},
};

use super::{Answer, Check, Inquiry, Reason};
use crate::{failure::Failure, plans::RunbookState};

pub(super) struct HasRunbook;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unusable {
    #[error("the service is lost when this path fails, and no runbook says what to do then")]
    None,
    #[error("there is no runbook {0}")]
    Missing(String),
    #[error("{path} does not switch off a flag of the way back: {why}")]
    NoFlag { path: String, why: String },
    #[error("{path} does not say which access one needs")]
    NoAccess { path: String },
    #[error("{path} cannot be relied on: {first}{}", and_more(*.others))]
    Mistakes { path: String, first: String, others: usize },
    #[error("the runbook could not be looked at: {0}")]
    Unread(String),
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(", and {count} more") }
}

impl Reason for Unusable {
    fn fix(&self) -> String {
        match self {
            Self::None => "write one and name it in the plan: `runbook: runbooks/NAME.md`".to_owned(),
            Self::Missing(path) => format!("write {path}, or correct `runbook:` in the plan"),
            Self::NoFlag { path, .. } => format!("add a `flag` step to {path}"),
            Self::NoAccess { path } => format!("add `access: [VPN, …]` to the front matter of {path}"),
            Self::Mistakes { path, .. } => format!("ripcord lint {path}"),
            Self::Unread(_) => "make sure that the server can read the repository, then ask again".to_owned(),
        }
    }
}

#[async_trait]
impl Check for HasRunbook {
    fn name(&self) -> &'static str {
        "runbook"
    }

    fn applies(&self, blueprint: &Blueprint) -> bool {
        blueprint.critical_path || blueprint.runbook.is_some()
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        let Some(path) = &blueprint.runbook else { return Answer::fail(Unusable::None) };
        let (plans, release) = (Arc::clone(&inquiry.plans), blueprint.release.clone());
        let state = tokio::task::spawn_blocking(move || plans.runbook_of(&release)).await;
        match state {
            Err(error) => Answer::unknown(Unusable::Unread(error.to_string())),
            Ok(Err(Failure { message, .. })) => Answer::unknown(Unusable::Unread(message)),
            Ok(Ok(state)) => match look(blueprint, path, state) {
                Ok(seen) => Answer::pass(seen),
                Err(reason) => Answer::fail(reason),
            },
        }
    }
}

fn look(blueprint: &Blueprint, path: &str, state: RunbookState) -> Result<String, Unusable> {
    let path = path.to_owned();
    let found = match state {
        RunbookState::NoneNamed => return Err(Unusable::None),
        RunbookState::Missing => return Err(Unusable::Missing(path)),
        RunbookState::There(found) => found,
    };
    let of = |code: Code| found.iter().find(|diagnostic| diagnostic.code == code);
    if let Some(diagnostic) = of(Code::RUNBOOK_WITHOUT_FLAG) {
        return Err(Unusable::NoFlag { path, why: diagnostic.message.clone() });
    }
    if blueprint.critical_path && of(Code::RUNBOOK_WITHOUT_ACCESS).is_some() {
        return Err(Unusable::NoAccess { path });
    }
    let mistakes: Vec<&Diagnostic> = found.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    match mistakes.first() {
        // The budget is required by the reader of runbooks, so one that was read has it.
        None => Ok(format!("{path} reads well and has a budget")),
        Some(first) => {
            let first = format!("{}: {}", first.code, first.message);
            Err(Unusable::Mistakes { path, first, others: mistakes.len() - 1 })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing;

    const RUNBOOK: &str = "---
runbook: submit
owner: team-exams
trigger: errors above 5% for 5m
budget: 6m
access: [VPN]
---
# Submit errors

## 1. Flag off
```flag {step=flag-off level=flag budget=30s timeout=60s}
submit off
```
";

    fn asked(runbook: Option<&str>, critical: bool) -> Result<String, Unusable> {
        let root = tempfile::tempdir().unwrap();
        let plans = testing::repository(root.path());
        let plan = root.path().join("releases/submit-v2.yaml");
        let text = fs::read_to_string(&plan).unwrap();
        fs::write(&plan, format!("{text}runbook: runbooks/submit.md\ncritical_path: {critical}\n")).unwrap();
        if let Some(runbook) = runbook {
            fs::create_dir(root.path().join("runbooks")).unwrap();
            fs::write(root.path().join("runbooks/submit.md"), runbook).unwrap();
        }
        let blueprint = plans.compile(&testing::release(), None).unwrap();
        assert!(HasRunbook.applies(&blueprint));
        let path = blueprint.runbook.clone().unwrap();
        look(&blueprint, &path, plans.runbook_of(&testing::release()).unwrap())
    }

    #[test]
    fn a_runbook_is_there_and_names_flag_and_access() {
        let path = "runbooks/submit.md".to_owned();
        assert_eq!(
            asked(Some(RUNBOOK), true),
            Ok("runbooks/submit.md reads well and has a budget".to_owned())
        );
        assert_eq!(asked(None, true), Err(Unusable::Missing(path.clone())));
        let other_flag = RUNBOOK.replace("submit off", "other off");
        assert!(matches!(asked(Some(&other_flag), false), Err(Unusable::NoFlag { .. })));
        let closed = RUNBOOK.replace("access: [VPN]\n", "");
        assert_eq!(asked(Some(&closed), true), Err(Unusable::NoAccess { path }));
        assert!(asked(Some(&closed), false).is_ok(), "only a critical path must say which access it needs");
        let endless = RUNBOOK.replace("budget: 6m\n", "");
        assert!(matches!(asked(Some(&endless), false), Err(Unusable::Mistakes { .. })));
        assert!(matches!(asked(Some("no runbook at all"), false), Err(Unusable::Mistakes { .. })));
    }

    #[test]
    fn only_critical_paths_need_one() {
        let root = tempfile::tempdir().unwrap();
        let mut blueprint = testing::blueprint(root.path());
        assert!(!HasRunbook.applies(&blueprint));
        blueprint.critical_path = true;
        assert!(HasRunbook.applies(&blueprint));
        let state = testing::repository(root.path()).runbook_of(&testing::release()).unwrap();
        assert_eq!(look(&blueprint, "", state), Err(Unusable::None));
    }
}
