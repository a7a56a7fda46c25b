//! What the gate asks of people and paper: blocked, put on record, and open, each as a person would do it.

use std::{collections::BTreeSet, fs};

use ripcord_engine::PhaseName;
use ripcord_model::{Actor, Person, ReleaseName, paper::NewPaper};
use ripcord_server::client::ClientError;

use crate::support::{
    files::{Plan, Service},
    world::{World, edge_and},
};

const RELEASE: &str = "flow-v2";
/// The checks of these tests; what others ask is theirs.
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
    fn add(&self, file: &str, lines: &str) {
        let path = self.root().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + lines).unwrap();
    }

    /// Replaces words in the plan.
    fn rewrite(&self, from: &str, to: &str) {
        let path = self.root().join(format!("releases/{RELEASE}.yaml"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Asks the gate, and returns all its checks.
    async fn checks(&self) -> Vec<serde_json::Value> {
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
    async fn missing(&self) -> BTreeSet<String> {
        let checks = self.checks().await;
        let blocking = checks.iter().filter(|check| check["status"] != "pass");
        blocking
            .filter_map(|check| check["check"].as_str())
            .filter(|name| PAPER.contains(name))
            .map(str::to_owned)
            .collect()
    }

    /// What one check says.
    async fn says(&self, name: &str) -> serde_json::Value {
        let checks = self.checks().await;
        let found = checks.iter().find(|check| check["check"] == name).cloned();
        found.unwrap_or_else(|| panic!("{name} was not asked: {checks:#?}"))
    }

    async fn approve(&self, name: &str) -> Result<(), ClientError> {
        let client = self.client().acting_as(Actor::person(Person::new(name).unwrap()));
        let approval = NewPaper::Approval { role: None, why: None, blueprint: None };
        client.note(&ReleaseName::new(RELEASE).unwrap(), approval).await.map(|_| ())
    }
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    BTreeSet::from(names.map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gate_is_closed_until_the_paper_is_there() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let mut server = world.serve().await;
    assert_eq!(world.missing().await, set([]), "nothing is asked that nobody wrote down");

    world.add("ripcord.yaml", "gate: { ticket: required, approvals: 1, records: [test, load] }\n");
    world.rewrite("on_call: ran\n", "on_call: ran\napprovers: [lea]\ncomms: { before: [support] }\n");
    assert_eq!(world.missing().await, set(["ticket", "approvals", "messages", "tests", "load"]));
    let markdown = world.ripcord(&["gate", RELEASE, "--markdown"]).await.expect(1);
    assert!(markdown.starts_with("**Gate of flow-v2**: blocked\\: "), "{markdown}");
    assert!(markdown.contains("\n| FAIL | ticket | no change ticket is named |"), "{markdown}");
    assert!(markdown.contains("\n| FAIL | approvals | nobody has approved"), "{markdown}");

    world.rewrite("on_call: ran\n", "on_call: ran\nticket: CHG-7\n");
    fs::write(
        world.root().join("bad.xml"),
        "<testsuite><testcase/><testcase><failure/></testcase></testsuite>",
    )
    .unwrap();
    fs::write(world.root().join("good.xml"), "<testsuite><testcase/><testcase/></testsuite>").unwrap();
    fs::write(world.root().join("load.json"), r#"{"tests": 1, "failed": 0}"#).unwrap();
    fs::write(world.root().join("mail.txt"), "The new flow comes on Monday.").unwrap();
    world.ripcord(&["record", "test", "--file", "bad.xml"]).await.expect(0);
    let tests = world.says("tests").await;
    assert_eq!(tests["reason"], "bad.xml says: 2 tests, 1 failed", "{tests}");
    let recorded = world.ripcord(&["record", "test", "--file", "good.xml", "--json"]).await.json(0);
    assert_eq!(recorded["paper"]["counts"]["tests"], 2, "{recorded}");
    world.ripcord(&["record", "load", "--file", "load.json"]).await.expect(0);
    let stranger = world.ripcord(&["record", "message", "sales", "--file", "mail.txt"]).await.expect(1);
    assert!(stranger.contains("`sales`") && stranger.contains("support"), "{stranger}");
    world.ripcord(&["record", "message", "support", "--file", "mail.txt"]).await.expect(0);
    assert_eq!(world.missing().await, set(["approvals"]));

    only_who_may_approves(&world).await;
    assert_eq!(world.missing().await, set([]));
    world.add("releases/flow-v2.yaml", "# looks harmless\n");
    let stale = world.says("approvals").await;
    assert!(stale["reason"].as_str().unwrap().contains("earlier state of the plan"), "{stale}");
    world.approve("lea").await.unwrap();

    server.kill().await;
    server = world.serve().await;
    assert_eq!(world.missing().await, set([]), "what is on record survives the control plane");
    let shown = world.ripcord(&["audit", "show", "--release", RELEASE]).await.expect(0);
    for said in ["approved, blueprint", "test of v2: 2 tests, 1 failed (bad.xml", "support told about v2"] {
        assert!(shown.contains(said), "{said} is not in {shown}");
    }
    world.ripcord(&["audit", "verify"]).await.expect(0);
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

async fn only_who_may_approves(world: &World) {
    let by_me = world.ripcord(&["approve", RELEASE]).await.expect(1);
    assert!(by_me.contains("not named as an approver") && by_me.contains("lea can approve it"), "{by_me}");
    let agent = world.command(&["approve", RELEASE]).env("RIPCORD_ACTOR", "lea").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1));
    let said = String::from_utf8_lossy(&agent.stderr).into_owned();
    assert!(said.contains("needs a person"), "{said}");
    let refused = world.approve("maya").await.unwrap_err().to_string();
    assert!(refused.contains("maya owns the release"), "{refused}");
    let other = world.ripcord(&["approve", RELEASE, "--blueprint", "00000000"]).await.expect(1);
    assert!(other.contains("not named") || other.contains("looked at blueprint"), "{other}");
    assert_eq!(world.missing().await, set(["approvals"]), "a refusal changes nothing");
    world.approve("lea").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_one_way_change_is_accepted_and_signed_by_somebody_else_or_blocked() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.rewrite("class: code, summary: new submit flow, back: { level: deploy, budget: 30s }",
        "class: contract, summary: new answers, reversibility: one-way, contain: serve the old ones beside it");
    world.bring_up("v1").await;
    let server = world.serve().await;
    assert_eq!(world.missing().await, set(["one-way", "approvals"]));
    let matrix = world.ripcord(&["plan", RELEASE, "--matrix", "--json"]).await.json(0);
    assert_eq!((&matrix["one_way"], &matrix["reviewer"]), (&true.into(), &true.into()), "{matrix}");
    assert_eq!(matrix["rows"][0]["containment"], "serve the old ones beside it");

    world.approve("lea").await.unwrap();
    assert_eq!(world.missing().await, set(["one-way"]), "an approval does not accept the risk");
    world.rewrite("beside it", "beside it, accepted_risk: { by: lea, reason: nobody reads the old ones }");
    let unsigned = world.says("one-way").await;
    assert!(unsigned["reason"].as_str().unwrap().contains("lea has not signed"), "{unsigned}");
    assert_eq!(unsigned["owner"], "lea");
    let refused = world.approve("tom").await.unwrap_err().to_string();
    assert!(refused.contains("lea can approve it"), "who accepts the risk is who signs: {refused}");
    world.approve("lea").await.unwrap();
    assert_eq!(world.missing().await, set([]));

    world.rewrite("by: lea", "by: maya");
    let alone = world.ripcord(&["gate", RELEASE]).await.expect(1);
    assert!(alone.contains("RC0502"), "{alone}");
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_of_configuration_goes_the_same_way_and_waits_for_its_window() {
    let window = |from: &str, until: &str| {
        format!("    window: [{{ from: \"{from}\", until: \"{until}\", zone: Europe/Berlin }}]\n")
    };
    let closed = window("2020-01-01 00:00", "2020-01-02 00:00");
    let world = World::new(|listen, _| Service { more: closed.clone(), ..Service::behind_edge(listen) });
    world.plan(&Plan::new(RELEASE, "v2").lasting(0, "30s"));
    world.rewrite("class: code", "class: config");
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let blocked = world.ripcord(&["gate", RELEASE]).await.expect(1);
    assert!(blocked.contains("no release window is open, and none will open again"), "{blocked}");

    let yaml = fs::read_to_string(world.root().join("ripcord.yaml")).unwrap();
    let open = yaml.replace(&closed, &window("2020-01-01 00:00", "2099-12-31 00:00"));
    fs::write(world.root().join("ripcord.yaml"), open).unwrap();
    let server = world.serve().await;
    assert_eq!(world.missing().await, set([]));
    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    let status = world.until_phase(RELEASE, PhaseName::Releasing).await;
    assert_eq!(status.stages.len(), 3, "configuration goes out by stages, too");
    world.ripcord(&["rollback", RELEASE, "--why", "the way back is the same"]).await.expect(3);
    world.until_phase(RELEASE, PhaseName::RolledBack).await;
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_are_looked_at_as_they_are_and_who_is_on_call_is_there() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.add("ripcord.yaml", "gate: { on_call: acknowledged, config_diff: reviewed }\n");
    world.bring_up("v1").await;
    let users = world.users();
    users.next(20).await;
    let server = world.serve().await;
    assert_eq!(world.missing().await, set(["config-diff", "on-call"]));

    let shown = world.ripcord(&["record", "config-diff", "--show"]).await.expect(0);
    assert!(
        shown.contains("router.edge.listen\n") && shown.contains("workload.process.command\n"),
        "{shown}"
    );
    let agent = world.command(&["record", "config-diff"]).env("RIPCORD_ACTOR", "bot").output().await.unwrap();
    assert_eq!(agent.status.code(), Some(1), "an agent reviews nothing");
    assert_eq!(world.missing().await, set(["config-diff", "on-call"]), "to look is not to have reviewed");
    world.ripcord(&["record", "config-diff"]).await.expect(0);
    assert_eq!(world.missing().await, set(["on-call"]));
    let yaml = fs::read_to_string(world.root().join("ripcord.yaml")).unwrap();
    let slower = yaml.replacen("ready_within: 5s, grace: 3s", "ready_within: 6s, grace: 3s", 1);
    assert_ne!(yaml, slower);
    fs::write(world.root().join("ripcord.yaml"), slower).unwrap();
    let changed = world.says("config-diff").await;
    assert!(changed["reason"].as_str().unwrap().contains("have changed since"), "{changed}");
    world.ripcord(&["record", "config-diff"]).await.expect(0);

    world.ripcord(&["ship", RELEASE, "--detach"]).await.expect(0);
    let blocked = world.until(RELEASE, "at the gate", |status| !status.gate.is_empty()).await;
    let on_call = blocked.gate.iter().find(|check| check.check == "on-call").unwrap();
    assert_eq!((on_call.owner.as_str(), on_call.status.opens()), ("ran", false), "{on_call:?}");
    assert_eq!(world.starts("v2"), 0, "nothing of it is in production");
    world.ripcord(&["acknowledge", RELEASE]).await.expect(0);
    assert_eq!(world.missing().await, set([]));
    world.ripcord(&["rollback", RELEASE, "--why", "enough seen"]).await.expect(3);
    users.stop().await;
    server.stop().await;
    world.end(&edge_and("v1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_critical_path_without_a_flag_or_a_runbook_does_not_pass() {
    let world = World::behind_edge();
    world.plan(&Plan::new(RELEASE, "v2"));
    world.rewrite("on_call: ran\n", "on_call: ran\ncritical_path: true\n");
    let minutes = world.ripcord(&["gate", RELEASE]).await.expect(1);
    assert!(minutes.contains("RC0307") && minutes.contains("takes minutes to go back"), "{minutes}");

    let flags = "    flags: { set: \"echo {state} > flag-{flag}\", get: \"cat flag-{flag}\" }\n";
    let yaml = fs::read_to_string(world.root().join("ripcord.yaml")).unwrap();
    let switched = yaml.replace("    probes:", &format!("{flags}    probes:"));
    fs::write(world.root().join("ripcord.yaml"), switched).unwrap();
    world.rewrite("level: deploy", "level: flag, flag: submit");
    assert_eq!(world.missing().await, set(["runbook"]));
    let none = world.says("runbook").await;
    assert!(none["reason"].as_str().unwrap().contains("no runbook says what to do"), "{none}");
    world.add("releases/flow-v2.yaml", "runbook: runbooks/submit.md\n");
    let missing = world.says("runbook").await;
    assert_eq!(missing["reason"], "there is no runbook runbooks/submit.md");
    fs::create_dir(world.root().join("runbooks")).unwrap();
    fs::write(world.root().join("runbooks/submit.md"), RUNBOOK).unwrap();
    assert_eq!(world.missing().await, set([]));
}

const RUNBOOK: &str = "---
runbook: submit
owner: team-exams
trigger: submit-errors above 5% for 5m
budget: 6m
access: [VPN]
---
# Submit errors

## 1. Flag off
```flag {step=flag-off level=flag budget=30s timeout=60s}
submit off
```
";
