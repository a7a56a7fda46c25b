//! The walk of a whole release: a runbook is mended, the gate asks for a confirmed time, rehearsals measure it, a fault
//! in production is pulled. A user's nginx, two versions as processes, a real Prometheus; staging behind the edge.

use std::{fs, net::SocketAddr, path::PathBuf};

use ripcord_engine::{PhaseName, RehearsalResult};
use ripcord_model::VersionName;
use serde_json::Value;

use crate::support::{
    api,
    files::{Plan, Service},
    free_port,
    nginx::{Nginx, router},
    processes::Role,
    prometheus::Prometheus,
    users::{Users, share_of, versions},
    world::World,
};

/// How far the measured time and the traffic's own account may be apart, as a share of the measured time.
const APART_MAX: f64 = 0.05;
/// How long recovery is to be seen. Long beside the steps of a clock, so that the bound above means something.
const RECOVERY_S: f64 = 6.0;
const RUNBOOK: &str = "runbooks/exam-submit.md";
const TEXT: &str = "\
---
runbook: exam-submit
owner: team-exams
trigger: error rate is high
budget: 10m
rehearse: { in: staging, every: 14d }
---
# Exam submit errors

Students lose work while this runs.

## 1. All users back on the version before
```traffic {step=traffic timeout=30s}
last-good
```
";

/// The world of the walk: answers of v2 take two seconds in staging, so withdrawing it takes as long.
fn world(numbers: SocketAddr, staging: u16) -> World {
    let world = World::new(|listen, _| Service {
        router: router(listen),
        metrics: format!("prometheus: {{ url: \"http://{numbers}\" }}, interval: 500ms, timeout: 2s"),
        arguments: "--label-version".to_owned(),
        staging,
        in_staging: "    rehearse: { baseline: 500ms, traffic: 3s, path: /exam, rate: 50 }\n".to_owned(),
        ..Service::behind_edge(listen)
    });
    // Draws that chance does not bunch, so that the last request to v2 is never long before its withdrawal; and signals
    // looked at often, so that their recovery is noticed when it is there.
    let files = world.root().join("ripcord.yaml");
    let mut text = fs::read_to_string(&files).unwrap();
    let drained = [format!("{staging}, drain: 2s"), format!("{staging}, drain: 5s, sticky: none")];
    for [from, to] in [drained, ["interval: 250ms".to_owned(), "interval: 100ms".to_owned()]] {
        assert_eq!(text.matches(&from).count(), 1, "{text}");
        text = text.replace(&from, &to);
    }
    fs::write(&files, text).unwrap();
    let launcher = world.root().join("bin/in-staging");
    let slow = fs::read_to_string(&launcher)
        .unwrap()
        .replace("--port", "--fault v2:latency-ms=2000 --fault v2:error-rate=0.4 --port");
    fs::write(&launcher, slow).unwrap();
    let runbook = Some(RUNBOOK.to_owned());
    let recovery = format!("{RECOVERY_S}s");
    world.plan(&Plan { runbook, recovery, ..Plan::new("flow-v2", "v2").lasting(1, "60s") });
    fs::create_dir(world.root().join("runbooks")).unwrap();
    fs::write(world.root().join(RUNBOOK), TEXT).unwrap();
    world
}

/// Changes words of the runbook.
fn rewrite(world: &World, from: &str, to: &str) {
    let path = world.root().join(RUNBOOK);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// The gate stays closed for want of a confirmed time, and for nothing else. Returns what it says of it.
async fn blocked_by_the_rehearsal_alone(world: &World) -> Value {
    let checks = world.checks().await;
    let mut blocking: Vec<Value> = checks.into_iter().filter(|check| check["status"] != "pass").collect();
    assert_eq!(blocking.len(), 1, "{blocking:#?}");
    let check = blocking.remove(0);
    assert_eq!((&check["check"], &check["status"]), (&"rehearsal".into(), &"fail".into()));
    assert_eq!(check["fix"], "`ripcord rehearse flow-v2`");
    check
}

/// Rehearses, and looks at what came out.
async fn rehearse(world: &World) -> RehearsalResult {
    let said = world.ripcord(&["rehearse", "flow-v2", "--json"]).await.json(0);
    assert_eq!(said["within_budget"], true, "{said}");
    assert!(said["note"].as_str().unwrap().starts_with("Rollback rehearsed: confirmed "), "{said}");
    let result: RehearsalResult = serde_json::from_value(said["result"].clone()).unwrap();
    assert_eq!(said["confirmed_ms"].as_u64(), result.confirmed().map(|took| took.as_ms()));
    result
}

/// When the rehearsal's own traffic was last answered by v2, in milliseconds since 1970.
fn last_of_its_traffic(result: &RehearsalResult) -> i64 {
    let traffic = result.after.as_ref().and_then(|look| look.traffic.as_ref()).expect("staging had traffic");
    let withdrawn = &traffic.versions[&VersionName::new("v2").unwrap()];
    let decided = result.decided.unwrap();
    assert!(withdrawn.first < decided && decided < withdrawn.last, "before and after: {withdrawn:?}");
    withdrawn.last.as_ms()
}

/// `last_ms`: when somebody was last answered by the version that was withdrawn. From the decision on that is how long
/// it bled; users are seen to be well for the recovery time after it, and there the confirmed time ends.
#[track_caller]
fn agree(result: &RehearsalResult, last_ms: i64) {
    let decided = result.decided.unwrap();
    let counted = (last_ms - decided.as_ms()) as f64 / 1000.0;
    let bled = result.bleeding_stopped.unwrap().since(decided).as_secs_f64();
    let took = result.confirmed().unwrap().as_secs_f64();
    let apart = |measured: f64, counted: f64| (measured - counted).abs() / measured;
    assert!(bled > 1.5, "nothing was withdrawn slowly: {bled} s");
    assert!(apart(bled, counted) <= APART_MAX, "measured {bled} s, the traffic counted {counted} s");
    let recovered = counted + RECOVERY_S;
    assert!(
        apart(took, recovered) <= APART_MAX,
        "confirmed {took} s, the traffic had recovered at {recovered} s"
    );
}

/// Where v2 answers in production, as its launcher notes it for Prometheus.
fn v2_in_production(world: &World) -> SocketAddr {
    let path: PathBuf = world.root().join("targets/v2.json");
    let targets: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    targets[0]["targets"][0].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_vague_runbook_to_a_fault_that_is_pulled() {
    let numbers = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let staging = free_port();
    let world = world(numbers, staging);

    // A trigger without a number is a mistake with a place.
    let vague = world.ripcord(&["lint"]).await.expect(1);
    assert!(vague.contains("RC0107") && vague.contains(&format!("{RUNBOOK}:4:10")), "{vague}");
    rewrite(&world, "error rate is high", "submit-errors above 5% for 5m");
    world.ripcord(&["lint"]).await.expect(0);

    let nginx = Nginx::start(world.root(), world.listen).await;
    let prometheus = Prometheus::start(world.root(), numbers).await;
    world.bring_up("v1").await;
    let users = world.users();
    let server = world.serve().await;

    let missing = blocked_by_the_rehearsal_alone(&world).await;
    assert!(missing["reason"].as_str().unwrap().contains("has not been rehearsed"), "{missing}");
    let rehearsed = rehearse(&world).await;
    agree(&rehearsed, last_of_its_traffic(&rehearsed));
    let checks = world.checks().await;
    assert!(checks.iter().all(|check| check["status"] == "pass"), "{checks:#?}");

    // One character, and what people act on is not what was rehearsed.
    rewrite(&world, "lose work", "lose word");
    let void = blocked_by_the_rehearsal_alone(&world).await;
    assert!(
        void["reason"].as_str().unwrap().starts_with(&format!("void: {RUNBOOK} changed since ")),
        "{void}"
    );

    // This time staging has users of ours, who keep an account that Ripcord has no part in.
    let in_staging = Users::patient(SocketAddr::from(([127, 0, 0, 1], staging)));
    in_staging.next(20).await;
    let rehearsed = rehearse(&world).await;
    let after = in_staging.next(20).await;
    assert_eq!((versions(&after), after.bad_or_failed()), (vec!["v1"], 0), "{after:?}");
    let seen = in_staging.stop().await;
    let of_v2 = &seen.versions["v2"];
    assert!(of_v2.bad > 0 && seen.versions["v1"].bad == 0 && seen.failed == 0, "{seen:?}");
    agree(&rehearsed, i64::try_from(of_v2.last_answer_at_us.unwrap() / 1000).unwrap());

    // Production. v2 is well until it has half of the users.
    let shipping = world.ripcord(&["ship", "flow-v2"]);
    let breaking = async {
        world.until("flow-v2", "at half", |status| status.stages[1].baking_since.is_some()).await;
        let half = users.next(200).await;
        assert!((0.3..0.7).contains(&share_of(&half, "v2")) && half.bad == 0, "{half:?}");
        let fault = api::request("PUT", "/faults", &[], r#"{"error-rate":0.4}"#);
        let answer = api::by_tcp(v2_in_production(&world), &fault).await;
        assert_eq!(api::status(&answer), 200, "{answer}");
    };
    let (shipped, ()) = tokio::join!(shipping, breaking);
    let shipped = shipped.expect(3);
    assert!(shipped.contains("submit errors"), "the reason names the signal: {shipped}");
    world.until_phase("flow-v2", PhaseName::RolledBack).await;
    let well = users.next(200).await;
    assert_eq!((versions(&well), well.bad_or_failed()), (vec!["v1"], 0), "{well:?}");
    let seen = users.stop().await;
    assert!(seen.versions["v2"].bad > 0 && seen.versions["v1"].bad == 0, "{seen:?}");

    world.ripcord(&["audit", "verify"]).await.expect(0);
    world.ripcord(&["audit", "explain", "flow-v2"]).await.expect(0);
    server.stop().await;
    world.ripcord(&["audit", "verify"]).await.expect(0);
    nginx.stop().await;
    prometheus.stop().await;
    world.end(&[Role::Instance("v1".to_owned())]).await;
}
