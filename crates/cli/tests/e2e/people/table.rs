//! Promise 12: role × command × author or not. Exactly the allowed ones come through the door; the others change nothing.

use super::{Team, code};

/// Everybody of the table: `v`iewer, `o`perator, `a`pprover, `e`xecutive, ad`m`in, a`g`ent with the role operator.
const WHO: [(char, &str); 6] =
    [('v', "vera"), ('o', "omar"), ('a', "lea"), ('e', "eve"), ('m', "ada"), ('g', "bot")];

/// One command as it is sent, and who may: as anybody else, and as the author of the release.
struct Row {
    command: &'static str,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    others: &'static str,
    author: &'static str,
}

const fn row(
    command: &'static str,
    (method, path, body): (&'static str, &'static str, &'static str),
    others: &'static str,
    author: &'static str,
) -> Row {
    Row { command, method, path, body, others, author }
}

const fn command(name: &'static str, body: &'static str, others: &'static str, author: &'static str) -> Row {
    row(name, ("POST", "/v1/releases/{name}/commands", body), others, author)
}

const fn on(path: &'static str, body: &'static str) -> (&'static str, &'static str, &'static str) {
    ("POST", path, body)
}

/// What would begin something in staging or production is sent with a body that the route itself refuses afterwards.
const TABLE: &[Row] = &[
    row("status", ("GET", "/v1/releases/{name}", ""), "voaemg", "voaemg"),
    row("gate", on("/v1/gate", "7"), "voaemg", "voaemg"),
    row("ledger", ("GET", "/v1/ledger", ""), "voaemg", "voaemg"),
    row("people list", ("GET", "/v1/people", ""), "voaemg", "voaemg"),
    row("policy who", on("/v1/policy/who", r#"{"action":"ship"}"#), "voaemg", "voaemg"),
    row("ship", on("/v1/releases", r#"{"release":"{name}"}"#), "og", "og"),
    row("rehearse", on("/v1/releases/{name}/rehearsals", "7"), "og", "og"),
    command("promote", r#"{"command":{"promote":{"why":"fine"}}}"#, "o", "o"),
    command("hold", r#"{"command":{"hold":{"why":"odd"}}}"#, "omg", "omg"),
    command("contain", r#"{"command":{"contain":{"why":"odd"}}}"#, "omg", "omg"),
    command("rollback", r#"{"command":{"rollback":{"why":"odd","level":null}}}"#, "omg", "omg"),
    command("acknowledge", r#"{"command":"acknowledge"}"#, "o", "o"),
    command("complete", r#"{"command":{"complete":{"why":"fine"}}}"#, "o", "o"),
    command("cancel", r#"{"command":{"cancel":{"why":""}}}"#, "og", "og"),
    command("approve a step", r#"{"command":{"approve":{"step":"none"}}}"#, "a", ""),
    row("approve", on("/v1/releases/{name}/papers", r#"{"paper":{"approval":{}}}"#), "a", ""),
    row("record", on("/v1/releases/{name}/papers", RESULT), "oag", "oag"),
    row("override", on("/v1/releases/{name}/overrides", "7"), "e", ""),
    row("freeze exception", on("/v1/releases/{name}/freeze-exceptions", "7"), "ae", ""),
    row("announce", on("/v1/releases/{name}/announcements", r#"{"why":"asked"}"#), "oe", "oe"),
    row("postmortem close", on("/v1/postmortems/flow-1/close", "7"), "voaem", "voaem"),
    row("flag set", on("/v1/flags/production", "7"), "o", "o"),
    row("people add", on("/v1/people", "7"), "m", "m"),
    row("people remove", ("DELETE", "/v1/people/nobody", ""), "m", "m"),
    row("token create", on("/v1/tokens", "7"), "m", "m"),
    row("token list", ("GET", "/v1/tokens", ""), "m", "m"),
    row("token revoke", ("DELETE", "/v1/tokens/000000000000", ""), "m", "m"),
];

const RESULT: &str = r#"{"paper":{"result":{"of":"test","file":{"name":"r.xml","bytes":1,
    "sha256":"0000000000000000000000000000000000000000000000000000000000000000"}}}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_who_may_comes_through_and_nobody_else_changes_anything() {
    let team = Team::set_up().await;
    team.plan("of-maya", "maya");
    let mut wrong = Vec::new();
    for (letter, name) in WHO {
        let token = team.token(&[name]).await;
        let own = format!("of-{name}");
        team.plan(&own, name);
        for (release, is_author) in [("of-maya", false), (own.as_str(), true)] {
            for row in TABLE {
                let may = if is_author { row.author } else { row.others }.contains(letter);
                let before = team.entries().await;
                let (path, body) = (row.path.replace("{name}", release), row.body.replace("{name}", release));
                let (status, answer) = team.ask(&token, row.method, &path, &body).await;
                let came_through = status != 403;
                let unheard = [401, 404, 405].contains(&status) && code(&answer) == "no-such-route";
                if came_through != may || unheard || status == 500 {
                    wrong.push(format!("{} by {name}, author {is_author}: {status} {answer}", row.command));
                }
                if !may && team.entries().await != before {
                    wrong.push(format!("{} by {name} was refused and left an entry", row.command));
                }
                if !may && !answer.contains(" can ") {
                    wrong.push(format!("{} by {name} does not say who could: {answer}", row.command));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    team.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_the_plan_names_may_go_back_without_a_role_for_it() {
    let team = Team::set_up().await;
    team.plan("flow-v2", "maya");
    let path = team.world.root().join("releases/flow-v2.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let token = team.token(&["vera"]).await;
    let hold = r#"{"command":{"hold":{"why":"odd"}}}"#;
    let ask = async || team.ask(&token, "POST", "/v1/releases/flow-v2/commands", hold).await;
    assert_eq!(ask().await.0, 403, "a viewer");

    std::fs::write(&path, text.replace("on_call: ran", "on_call: vera")).unwrap();
    assert_ne!(ask().await.0, 403, "who is on call");
    let named = text.replace("budget: 30s }", "budget: 30s, trigger_by: [tech-lead] }");
    assert_ne!(named, text);
    std::fs::write(&path, named).unwrap();
    assert_eq!(ask().await.0, 403, "nobody said that vera is the tech lead");
    team.world.ripcord(&["people", "change", "vera", "--scope", "tech-lead"]).await.expect(0);
    assert_ne!(ask().await.0, 403, "whom trigger_by means");
    let promote = r#"{"command":{"promote":{"why":"fine"}}}"#;
    assert_eq!(team.ask(&token, "POST", "/v1/releases/flow-v2/commands", promote).await.0, 403);

    let bot = team.token(&["bot"]).await;
    let back = r#"{"command":{"rollback":{"why":"odd","level":null}}}"#;
    let (status, refused) = team.ask(&bot, "POST", "/v1/releases/flow-v2/commands", back).await;
    assert_eq!(status, 403, "an agent goes back where the plan names nobody, or the agent: {refused}");
    assert!(refused.contains("the plan names who triggers it, and bot is not among them"), "{refused}");
    team.end().await;
}
