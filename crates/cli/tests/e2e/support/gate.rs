//! The gate as these tests ask it: by the program, and its answer as data.

use std::{collections::BTreeSet, fs};

use ripcord_model::{Actor, Person, ReleaseName, paper::NewPaper};
use ripcord_server::client::ClientError;

use super::world::World;

/// The release of these tests.
pub const RELEASE: &str = "flow-v2";
/// The checks about people and paper; what others ask is theirs.
const PAPER: [&str; 13] = [
    "ticket",
    "thresholds",
    "critical-path-flag",
    "one-way",
    "release-window",
    "owner-is-not-approver",
    "approvals",
    "messages",
    "tests",
    "load",
    "config-diff",
    "on-call",
    "runbook",
];

impl World {
    /// Adds lines to a file of the repository.
    pub fn add(&self, file: &str, lines: &str) {
        let path = self.root().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + lines).unwrap();
    }

    /// Replaces words in the plan.
    pub fn rewrite(&self, from: &str, to: &str) {
        let path = self.root().join(format!("releases/{RELEASE}.yaml"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Asks the gate, and returns all its checks.
    pub async fn checks(&self) -> Vec<serde_json::Value> {
        let ended = self.ripcord(&["gate", RELEASE, "--json"]).await;
        let status = ended.status;
        let answer: serde_json::Value =
            serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"));
        let checks = answer["checks"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
        let open =
            checks.iter().all(|check| ["pass", "overridden"].contains(&check["status"].as_str().unwrap()));
        assert_eq!((status, &answer["open"]), (Some(i32::from(!open)), &serde_json::json!(open)), "{answer}");
        for check in &checks {
            let keys: Vec<&str> = check.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(
                BTreeSet::from_iter(keys),
                BTreeSet::from(["check", "fix", "owner", "reason", "status"])
            );
            assert!(check["status"] == "pass" || !check["fix"].as_str().unwrap().is_empty(), "{check}");
        }
        checks
    }

    /// The checks of paper that do not pass.
    pub async fn missing(&self) -> BTreeSet<String> {
        let checks = self.checks().await;
        let blocking = checks.iter().filter(|check| check["status"] != "pass");
        blocking
            .filter_map(|check| check["check"].as_str())
            .filter(|name| PAPER.contains(name))
            .map(str::to_owned)
            .collect()
    }

    /// What one check says.
    pub async fn says(&self, name: &str) -> serde_json::Value {
        let checks = self.checks().await;
        let found = checks.iter().find(|check| check["check"] == name).cloned();
        found.unwrap_or_else(|| panic!("{name} was not asked: {checks:#?}"))
    }

    /// A person approves the release.
    pub async fn approve(&self, name: &str) -> Result<(), ClientError> {
        let client = self.client().acting_as(Actor::person(Person::new(name).unwrap()));
        let approval = NewPaper::Approval { role: None, why: None, blueprint: None };
        client.note(&ReleaseName::new(RELEASE).unwrap(), approval).await.map(|_| ())
    }
}

/// A set of names.
pub fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    BTreeSet::from(names.map(str::to_owned))
}
