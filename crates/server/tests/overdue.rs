//! Two days in a moment: a post-mortem is due, then overdue, on a real server whose clock is moved by hand.

use std::{fs, path::Path, sync::Arc};

use ripcord_model::{
    Actor, Duration, Person, ReleaseName, Timestamp,
    paper::{Expiry, NewOverride, POST_MORTEM_DUE},
};
use ripcord_server::{
    client::Client,
    clock::ManualClock,
    lifecycle::{self, Options, SOCKET, World},
    plans::FilePlans,
    systems::RealSystems,
};

const SERVICE: &str = "\
service: exams
owner: team-exams
gate: { ticket: required }
environments:
  production:
    router: { edge: { listen: 127.0.0.1:1 } }
    workload: { process: { command: \"exit 1 {port}\", ready: /ready } }
    metrics: { scrape: { path: /metrics } }
signals:
  errors:
    harm: user
    ratio: { bad: 'submit_total{outcome=\"error\"}', all: submit_total }
    rollback: [\"above 5% for 5m\"]
";
const PLAN: &str = "\
release: flow-v2
version: v2
owner: maya
on_call: ran
last_good: v1
changes:
  - { id: flow, class: code, back: { level: deploy, budget: 1m } }
";

fn options(home: &Path) -> Options {
    let mut options = Options::new(home, home.join(".ripcord"));
    // A tick would be of no use to a clock that stands still.
    options.tick = std::time::Duration::from_millis(50);
    options
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_mortem_is_due_after_two_days_and_overdue_a_moment_later() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("releases")).unwrap();
    fs::write(home.path().join("ripcord.yaml"), SERVICE).unwrap();
    fs::write(home.path().join("releases/flow-v2.yaml"), PLAN).unwrap();
    let (root, state) = (home.path().to_owned(), home.path().join(".ripcord"));
    let clock = ManualClock::at(Timestamp::from_ms(1_790_000_000_000));
    let world = World {
        plans: Arc::new(FilePlans::new(root.clone())),
        systems: Arc::new(RealSystems { root, state, ripcord_program: "/bin/false".into() }),
        clock: Arc::new(clock.clone()),
    };
    let running = lifecycle::start_in(options(home.path()), world).await.unwrap();
    let (release, maya) = (ReleaseName::new("flow-v2").unwrap(), Actor::person(Person::new("maya").unwrap()));
    running.handle().ship(release.clone(), maya, false).await.unwrap();
    let expires = Expiry::After(Duration::from_mins(7 * 24 * 60));
    let (check, reason) = ("ticket".to_owned(), "the exam begins at noon".to_owned());
    let new = NewOverride { check, reason, expires, owner: None };
    let lea = Actor::person(Person::new("lea").unwrap());
    let opened = running.handle().override_check(release.clone(), new, lea).await.unwrap();
    assert!(!opened.overdue && opened.trouble.is_none(), "{opened:?}");
    assert!(home.path().join(&opened.file).is_file());

    let client = Client::unix(home.path().join(".ripcord").join(SOCKET));
    let overdue = async || {
        let (listed, status) =
            (client.post_mortems().await.unwrap(), client.release(&release).await.unwrap());
        assert_eq!((listed.len(), status.postmortems.len()), (1, 1), "it stays until it is closed");
        assert_eq!(listed[0].overdue, status.postmortems[0].overdue);
        listed[0].overdue
    };
    assert!(!overdue().await);
    clock.advance(POST_MORTEM_DUE);
    assert!(!overdue().await, "at the very end of its time it is not late");
    clock.advance(Duration::from_ms(1));
    assert!(overdue().await);
    let gate = running.handle().gate(release.clone()).await.unwrap();
    let ticket = gate.checks.iter().find(|check| check.check == "ticket").unwrap();
    assert!(ticket.status.opens() && ticket.fix.contains("OVERDUE since"), "{ticket:?}");
    clock.advance(Duration::from_mins(5 * 24 * 60));
    let gate = running.handle().gate(release.clone()).await.unwrap();
    let ticket = gate.checks.iter().find(|check| check.check == "ticket").unwrap();
    assert!(!ticket.status.opens() && ticket.reason.contains("lea's override expired at"), "{ticket:?}");
    assert!(overdue().await, "an override that has expired is still owed for");
    running.shutdown().await;
}
