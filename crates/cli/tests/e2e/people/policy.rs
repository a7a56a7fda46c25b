//! Rules: written out, changed, broken. The rules before stay in force, and the way back is never locked.

use std::fs;

use super::Team;
use crate::support::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_does_not_parse_leaves_the_old_one_in_force() {
    let team = Team::set_up().await;
    team.plan("flow-v2", "maya");
    let (omar, lea) = (team.token(&["omar"]).await, team.token(&["lea"]).await);
    let rules = team.world.root().join("policy/ripcord.cedar");
    let approve =
        async || team.ask(&lea, "POST", "/v1/releases/flow-v2/papers", r#"{"paper":{"approval":{}}}"#).await;
    team.world.ripcord(&["policy", "init"]).await.expect(0);
    team.world.ripcord(&["policy", "init"]).await.expect(1);
    team.world.ripcord(&["policy", "check"]).await.expect(0);
    assert_eq!(approve().await.0, 200, "written out, the rules are the same");

    let text = fs::read_to_string(&rules).unwrap();
    let strict = format!(
        "{text}\n@says(\"nobody works today\")\nforbid (principal, action, resource) unless {{ principal in Role::\"admin\" || action == Action::\"read\" }};\n"
    );
    fs::write(&rules, &strict).unwrap();
    let (status, refused) = approve().await;
    assert_eq!(status, 403, "{refused}");
    assert!(refused.contains("nobody works today"), "{refused}");
    let back = r#"{"command":{"rollback":{"why":"odd","level":null}}}"#;
    let (status, answer) = team.ask(&omar, "POST", "/v1/releases/flow-v2/commands", back).await;
    assert_ne!(status, 403, "no rule locks the way back: {answer}");

    fs::write(&rules, format!("{text}\npermit (principal action, resource);\n")).unwrap();
    let checked = team.world.ripcord(&["policy", "check"]).await.expect(1);
    let line = text.lines().count() + 2;
    assert!(checked.contains(&format!("policy/ripcord.cedar:{line}:")), "{checked}");
    let (status, refused) = approve().await;
    assert_eq!(status, 403, "the strict rules stay in force: {refused}");
    let standing = team.world.client().info().await.unwrap().people.policy;
    assert_eq!(standing.mistakes[0].line, Some(line), "{standing:?}");
    let status = team.world.ripcord(&["status"]).await.expect(0);
    assert!(status.contains(&format!("policy/ripcord.cedar:{line}:")), "{status}");

    // At a start with no good rules the built-in ones count.
    let Team { world, server, address } = team;
    server.stop().await;
    let server = Server::start_in_earnest(world.root(), &["--listen", &address.to_string()]).await;
    let team = Team { world, server, address };
    let (status, answer) =
        team.ask(&lea, "POST", "/v1/releases/flow-v2/papers", r#"{"paper":{"approval":{}}}"#).await;
    assert_eq!(status, 200, "{answer}");
    let shown = team.world.ripcord(&["policy", "show"]).await.expect(0);
    assert!(shown.contains("built-in rules") && shown.contains("are not taken"), "{shown}");
    let ledger = team.world.ripcord(&["audit", "show", "--json", "--limit", "1000"]).await.expect(0);
    assert!(ledger.contains("policy-changed"), "which rules were in force is on record");
    team.end().await;
}
