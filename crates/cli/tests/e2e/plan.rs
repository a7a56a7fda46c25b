//! What stages can notice, from numbers that were really measured.

use crate::support::{
    files::Plan,
    world::{World, edge_and},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traffic_and_base_rates_are_measured_on_what_runs() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let text = world.ripcord(&["plan", "flow-v2", "--measure", "1s"]).await.expect(1);
    assert!(text.contains("v1 does not run") && text.contains("--traffic"), "{text}");

    world.bring_up("v1").await;
    let text = world.ripcord(&["plan", "flow-v2", "--measure", "1s"]).await.expect(1);
    assert!(text.contains("no request was counted"), "nobody came yet: {text}");

    let users = world.users();
    users.next(50).await;
    let json = world.ripcord(&["plan", "flow-v2", "--measure", "3s", "--power", "--json"]).await.json(0);
    let per_second = json["power"]["load"]["requests_per_second"].as_f64().unwrap();
    assert!((140.0..260.0).contains(&per_second), "200 users come every second, measured {per_second}");
    assert_eq!(json["power"]["load"]["instances"], 1);
    assert_eq!(json["sources"]["traffic"], "measured");
    assert_eq!(json["sources"]["signals"]["submit-errors"], "measured");
    let base = &json["power"]["load"]["signals"]["submit-errors"];
    assert!((140.0..260.0).contains(&base["events_per_second"].as_f64().unwrap()), "{base}");

    let line = ["plan", "flow-v2", "--measure", "1s", "--base", "submit-errors=5%"];
    let text = world.ripcord(&line).await.expect(0);
    assert!(text.contains("measured over 1 s on 1 instance"), "{text}");
    assert!(text.contains("submit-errors 5 % (given)"), "what is given goes before what is measured: {text}");
    assert!(text.contains("with one instance per version"), "{text}");
    users.stop().await;
    world.end(&edge_and("v1")).await;
}
