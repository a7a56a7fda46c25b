//! Names: who somebody says they are counts for nothing out of demo mode, but for an agent, who gets less.

use super::{Team, code};
use crate::support::{files::Plan, server::Server, world::World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_in_a_header_is_refused_out_of_demo_mode() {
    let team = Team::set_up().await;
    team.plan("flow-v2", "maya");
    let token = team.token(&["vera"]).await;
    let bearer = format!("authorization: Bearer {token}");
    let ship = r#"{"release":"flow-v2"}"#;
    let before = team.entries().await;
    for (header, expected) in [
        ("x-ripcord-actor: omar", "not-yourself"),
        ("x-ripcord-roles: operator,admin", "not-in-demo"),
        ("x-ripcord-actor: ripcord", "bad-actor"),
    ] {
        let (status, refused) = team.ask_with(&[&bearer, header], "POST", "/v1/releases", ship).await;
        assert_eq!(code(&refused), expected, "{status} {refused}");
        assert!([400, 403].contains(&status), "{status}");
    }
    // Their own name is no news.
    let own = ["x-ripcord-actor: vera", bearer.as_str()];
    assert_eq!(team.ask_with(&own, "GET", "/v1/releases", "").await.0, 200);
    let tried =
        team.world.ripcord(&["hold", "flow-v2", "--why", "odd", "--as", "omar:operator"]).await.expect(1);
    assert!(tried.contains("cannot act as omar"), "{tried}");
    assert_eq!(team.entries().await, before, "refusals change nothing");
    team.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_neither_approves_nor_promotes_whoever_lends_it_their_rights() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let server = Server::start_in_earnest(world.root(), &[]).await;
    for arguments in [
        &["approve", "flow-v2"][..],
        &["promote", "flow-v2", "--why", "fine"],
        &["acknowledge", "flow-v2"],
        &["people", "add", "claude", "--role", "admin"],
    ] {
        let mut command = world.command(arguments);
        let output = command.env("RIPCORD_ACTOR", "claude").output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("needs a person") && said.contains("never approve"), "{said}");
    }
    let mut gate = world.command(&["gate", "flow-v2", "--json"]);
    let gate = gate.env("RIPCORD_ACTOR", "claude").output().await.unwrap();
    assert!(String::from_utf8_lossy(&gate.stdout).contains("\"checks\""), "an agent may ask: {gate:?}");
    server.stop().await;
    world.end(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alone_nothing_needs_setting_up_and_in_demo_mode_roles_can_be_tried() {
    let world = World::behind_edge();
    world.plan(&Plan::new("flow-v2", "v2"));
    let server = world.serve().await;
    let nobody = world.ripcord(&["people", "list"]).await.expect(0);
    assert!(nobody.contains("Nobody is set up"), "{nobody}");
    world.ripcord(&["approve", "flow-v2"]).await.expect(0);
    let refused = world.ripcord(&["approve", "flow-v2", "--as", "vera:viewer"]).await.expect(1);
    assert!(refused.contains("vera may not approve it") && refused.contains("can approve it"), "{refused}");
    let owner = world.ripcord(&["approve", "flow-v2", "--as", "maya:approver"]).await.expect(1);
    assert!(owner.contains("maya owns the release"), "{owner}");
    world.ripcord(&["approve", "flow-v2", "--as", "lea:approver,data"]).await.expect(0);
    let who =
        world.ripcord(&["policy", "who", "override", "flow-v2", "--as", "eve:executive", "--json"]).await;
    let who = who.json(0);
    assert_eq!((&who["you_could"], &who["you"]["actor"]["name"]), (&true.into(), &"eve".into()), "{who}");
    world.ripcord(&["status", "--as", "nobody:king of all"]).await.expect(2);
    server.stop().await;
    world.end(&[]).await;
}
