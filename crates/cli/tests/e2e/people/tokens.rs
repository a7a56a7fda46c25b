//! Tokens: expired, revoked, unknown, narrowed, and what happens to them when their user changes.

use std::time::Duration;

use super::{Team, code};
use crate::support::{PATIENCE, answer_within};

const SHIP: &str = r#"{"release":"flow-v2"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_opens_what_it_says_until_it_expires_or_is_revoked() {
    let team = Team::set_up().await;
    team.plan("flow-v2", "maya");
    let good = team.token(&["omar", "--for", "laptop"]).await;
    let narrow = team.token(&["omar", "--role", "operator", "--no-scope", "--expires", "1h"]).await;
    assert_eq!(team.ask(&narrow, "GET", "/v1/releases", "").await.0, 200);

    // Wrongly scoped: what its user may is more than what it opens.
    team.world
        .ripcord(&["people", "change", "omar", "--role", "operator", "--role", "viewer"])
        .await
        .expect(0);
    let viewer = team.token(&["omar", "--role", "viewer"]).await;
    let (status, refused) = team.ask(&viewer, "POST", "/v1/releases", SHIP).await;
    assert_eq!((status, code(&refused).as_str()), (403, "not-allowed"), "{refused}");
    assert!(refused.contains("your token is narrowed to the roles viewer"), "{refused}");
    assert!(
        refused.contains("omar, bot can ship it") || refused.contains("bot, omar can ship it"),
        "{refused}"
    );
    assert_eq!(team.ask(&good, "POST", "/v1/releases", SHIP).await.0, 201);

    // A step of level data needs the scope, and a token without it has none.
    let blind = team.token(&["lea", "--no-scope"]).await;
    let approval = r#"{"paper":{"approval":{}}}"#;
    assert_eq!(team.ask(&blind, "POST", "/v1/releases/flow-v2/papers", approval).await.0, 200);

    // Revoked.
    let shown = team.world.ripcord(&["token", "list", "--json"]).await.json(0);
    let laptop = shown.as_array().unwrap().iter().find(|token| token["purpose"] == "laptop").unwrap();
    assert!(laptop["last_used"].is_string(), "it was used: {laptop}");
    assert!(!shown.to_string().contains(&good), "no secret is shown again");
    team.world.ripcord(&["token", "revoke", laptop["id"].as_str().unwrap()]).await.expect(0);
    let (status, refused) = team.ask(&good, "GET", "/v1/releases", "").await;
    assert_eq!((status, code(&refused).as_str()), (401, "token-revoked"), "{refused}");

    // Expired.
    let brief = team.token(&["omar", "--expires", "1s"]).await;
    let expired = answer_within(PATIENCE, async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (status, answer) = team.ask(&brief, "GET", "/v1/releases", "").await;
        (status != 200).then_some((status, answer))
    });
    let (status, refused) = expired.await.expect("it expires");
    assert_eq!((status, code(&refused).as_str()), (401, "token-expired"), "{refused}");

    // Nobody's.
    for strange in ["ripcord_", "", &good[..good.len() - 1]] {
        let (status, refused) = team.ask(strange, "GET", "/v1/releases", "").await;
        assert_eq!((status, code(&refused).as_str()), (401, "unauthorized"), "{strange}: {refused}");
    }

    // Whoever leaves takes their tokens with them.
    team.world.ripcord(&["people", "remove", "lea"]).await.expect(0);
    assert_eq!(team.ask(&blind, "GET", "/v1/releases", "").await.0, 401);
    let ledger = team.world.ripcord(&["audit", "show", "--json", "--limit", "1000"]).await.expect(0);
    for secret in [&good, &narrow, &viewer, &blind, &brief] {
        assert!(!ledger.contains(secret.as_str()) && !team.world.log().contains(secret.as_str()));
    }
    for fact in ["person-added", "person-changed", "person-removed", "token-created", "token-revoked"] {
        assert!(ledger.contains(fact), "{fact} is not on record");
    }
    team.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_tokens_survive_the_server_and_a_password_opens_too() {
    let team = Team::set_up().await;
    let token = team.token(&["vera"]).await;
    let mut change = team.world.command(&["people", "change", "vera", "--password"]);
    let mut child = change.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut input, b"correct horse battery\n").await.unwrap();
    drop(input);
    assert!(child.wait_with_output().await.unwrap().status.success());

    let Team { world, server, address } = team;
    server.kill().await;
    let server =
        crate::support::server::Server::start_in_earnest(world.root(), &["--listen", &address.to_string()])
            .await;
    let team = Team { world, server, address };
    assert_eq!(team.ask(&token, "GET", "/v1/releases", "").await.0, 200);
    // base64 of vera:correct horse battery, and of vera with a battery less
    let basic = "authorization: Basic dmVyYTpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=";
    assert_eq!(team.ask_with(&[basic], "GET", "/v1/releases", "").await.0, 200);
    let wrong = "authorization: Basic dmVyYTpjb3JyZWN0IGhvcnNl";
    assert_eq!(team.ask_with(&[wrong], "GET", "/v1/releases", "").await.0, 401);
    let listed = team.world.ripcord(&["people", "list", "--json"]).await.expect(0);
    assert!(!listed.contains("argon2") && !listed.contains("battery"), "{listed}");
    team.end().await;
}
