//! The checks that look at the world outside, against real sockets, files and commands.

mod asked;
mod build;
mod flags;
mod places;
mod room;

use std::{path::Path, sync::Arc};

use ripcord_engine::{CheckResult, CheckStatus};
use ripcord_model::{
    Duration, Timestamp,
    blueprint::{Blueprint, Downstream, DownstreamAsk, Requires},
};

use super::{Check, Inquiry, Question, ask_all};
use crate::{
    systems::Connections,
    testing::{self, Fault, Script},
};

/// A release whose gate is asked one check at a time.
struct World {
    root: tempfile::TempDir,
    script: Script,
    blueprint: Blueprint,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut blueprint = testing::blueprint(root.path());
        blueprint.staging = None;
        let script = Script::baseline();
        script.memory().root = Some(root.path().to_owned());
        Self { root, script, blueprint }
    }

    fn root(&self) -> &Path {
        self.root.path()
    }

    async fn ask(&self, check: impl Check + 'static) -> CheckResult {
        assert!(check.applies(&self.blueprint), "{} is not asked", check.name());
        let question = Question {
            blueprint: Arc::new(self.blueprint.clone()),
            others: Vec::new(),
            recorded: true,
            on_record: Default::default(),
        };
        let inquiry = Inquiry {
            question,
            now: Timestamp::from_ms(1_790_000_000_000),
            connections: Arc::new(Connections::new(self.script.systems())),
            plans: testing::repository(self.root()),
            state: self.root().join(".ripcord"),
        };
        let mut answers = ask_all(vec![Arc::new(check)], &Arc::new(inquiry)).await;
        let answer = answers.remove(0);
        if !answer.status.opens() {
            assert!(!answer.fix.is_empty() && !answer.owner.is_empty(), "{answer:?}");
        }
        answer
    }
}
