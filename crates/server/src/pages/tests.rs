//! The door of the pages, their forms and their headers, by real connections to a scripted loop.

use std::{net::SocketAddr, path::Path};

use ripcord_engine::Command;
use tokio_util::sync::CancellationToken;

use crate::api::{
    Limits, Listening, TcpOptions, serve_tcp, serve_unix,
    tests::{
        wire::{Answer, by_tcp, by_unix, request},
        world::{KNOWN, World, world},
    },
};

struct Site {
    world: World,
    address: SocketAddr,
    token: ripcord_people::Secret,
    _listening: Listening,
}

async fn site() -> Site {
    let (world, token) = (world(), crate::api::token::generate().unwrap());
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = TcpOptions::new(address, token.hash());
    let listening = serve_tcp(world.handle.clone(), options, CancellationToken::new()).await.unwrap();
    let address = listening.address().unwrap();
    Site { world, address, token, _listening: listening }
}

impl Site {
    async fn ask(&self, request: &str) -> Answer {
        by_tcp(self.address, request).await
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(&request("GET", path, &[&format!("cookie: {cookie}")], "")).await
    }

    async fn post(&self, path: &str, cookie: &str, headers: &[&str], form: &str) -> Answer {
        let cookie = format!("cookie: {cookie}");
        let mut all = vec![cookie.as_str(), "content-type: application/x-www-form-urlencoded"];
        all.extend(headers);
        self.ask(&request("POST", path, &all, form)).await
    }

    /// Signs in and returns the cookie.
    async fn sign_in(&self) -> String {
        let form = format!("name=maya&token={}&to=/releases/{KNOWN}", self.token.reveal());
        let answered = self.post("/login", "", &[], &form).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        assert!(answered.head.contains(&format!("location: /releases/{KNOWN}")), "{}", answered.head);
        let line = answered.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(line.contains("httponly; samesite=strict"), "{line}");
        line.split(';').next().unwrap().to_owned()
    }

    /// The key of the form at `path`.
    async fn key(&self, path: &str, cookie: &str) -> String {
        let page = self.get(path, cookie).await.body;
        let value = page.split("name=\"form_key\" value=\"").nth(1).expect("a form");
        value.split('"').next().unwrap().to_owned()
    }

    fn commands(&self) -> Vec<Command> {
        self.world.commands.lock().unwrap().iter().map(|(_, command)| command.clone()).collect()
    }
}

const ROLLBACK: &str = "/releases/exam-submit-v2/rollback";

#[tokio::test]
async fn whoever_is_not_known_is_led_to_the_door_and_back_afterwards() {
    let site = site().await;
    for path in ["/", "/ledger", "/releases/exam-submit-v2", "/releases/exam-submit-v2/live", ROLLBACK] {
        let answered = site.get(path, "").await;
        assert_eq!(answered.status, 303, "{path}");
        assert!(answered.head.contains(&format!("location: /login?to={path}")), "{path}: {}", answered.head);
    }
    let door = site.get("/login?to=https://evil.example/", "").await;
    assert_eq!(door.status, 200);
    assert!(!door.body.contains("evil.example"), "{}", door.body);
    let cookie = site.sign_in().await;
    let page = site.get("/releases/exam-submit-v2", &cookie).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("1 % of traffic is on v2") && page.body.contains("maya"), "{}", page.body);
    let forged = format!("ripcord_session={}", "0".repeat(64));
    assert_eq!(site.get("/", &forged).await.status, 303);
}

#[tokio::test]
async fn a_wrong_token_opens_nothing_and_is_not_said_back() {
    let site = site().await;
    let wrong = crate::api::token::generate().unwrap();
    let form = format!("name=maya&token={}&to=/", wrong.reveal());
    let answered = site.post("/login", "", &[], &form).await;
    assert_eq!(answered.status, 401);
    assert!(!answered.head.contains("set-cookie"), "{}", answered.head);
    assert!(
        answered.body.contains("value=\"maya\"") && !answered.body.contains(wrong.reveal()),
        "{}",
        answered.body
    );
    let elsewhere = format!("name=maya&token={}", site.token.reveal());
    let answered = site.post("/login", "", &["sec-fetch-site: cross-site"], &elsewhere).await;
    assert_eq!(answered.status, 403, "nobody is signed in by another site");
}

#[tokio::test]
async fn going_back_needs_a_form_of_ours_and_keeps_what_was_typed() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let key = site.key(ROLLBACK, &cookie).await;
    let typed = "why=students+lose+answers";
    let forged = [
        (typed.to_owned(), None),
        (format!("{typed}&form_key={}", "0".repeat(64)), None),
        (format!("{typed}&form_key={key}"), Some("sec-fetch-site: cross-site")),
        (format!("{typed}&form_key={key}"), Some("sec-fetch-site: same-site")),
    ];
    for (form, header) in forged {
        let answered = site.post(ROLLBACK, &cookie, &Vec::from_iter(header), &form).await;
        assert_eq!(answered.status, 403, "{form} {header:?}");
        assert!(answered.body.contains(">students lose answers</textarea>"), "{}", answered.body);
    }
    assert_eq!(site.post(ROLLBACK, "", &[], &format!("{typed}&form_key={key}")).await.status, 303);
    assert_eq!(site.commands(), [], "nothing of this has reached the release");

    let answered = site
        .post(ROLLBACK, &cookie, &["sec-fetch-site: same-origin"], &format!("{typed}&form_key={key}"))
        .await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    assert!(answered.head.contains("location: /releases/exam-submit-v2"), "{}", answered.head);
    assert_eq!(site.commands(), [Command::Rollback { why: "students lose answers".to_owned(), level: None }]);

    // The key of somebody else's session is none.
    let other = site.sign_in().await;
    let answered = site.post(ROLLBACK, &other, &[], &format!("{typed}&form_key={key}")).await;
    assert_eq!(answered.status, 403);
}

#[tokio::test]
async fn what_the_release_refuses_stands_on_the_form_again() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let hold = "/releases/exam-submit-v2/hold";
    let key = site.key(hold, &cookie).await;
    let answered = site.post(hold, &cookie, &[], &format!("why=++&form_key={key}")).await;
    assert_eq!(answered.status, 409, "{}", answered.body);
    assert!(answered.body.contains("Nothing has changed"), "{}", answered.body);
    let answered =
        site.post(ROLLBACK, &cookie, &[], &format!("why=x&level=%3Cscript%3E&form_key={key}")).await;
    assert_eq!(answered.status, 422, "{}", answered.body);
    assert!(!answered.body.contains("<script>"), "{}", answered.body);
    assert_eq!(site.commands(), []);
}

#[tokio::test]
async fn after_signing_out_the_cookie_is_worth_nothing() {
    let site = site().await;
    let cookie = site.sign_in().await;
    let key = site.key("/", &cookie).await;
    assert_eq!(site.post("/logout", &cookie, &[], "form_key=wrong").await.status, 303);
    assert_eq!(site.get("/", &cookie).await.status, 200, "nobody else can sign them out");
    let answered = site.post("/logout", &cookie, &[], &format!("form_key={key}")).await;
    assert!(answered.head.contains("max-age=0"), "{}", answered.head);
    assert_eq!(site.get("/", &cookie).await.status, 303);
}

#[tokio::test]
async fn every_page_has_the_headers_that_protect_it() {
    let site = site().await;
    let cookie = site.sign_in().await;
    for path in [
        "/",
        "/login",
        "/releases/exam-submit-v2",
        "/releases/exam-submit-v2/gate",
        "/ledger",
        "/ledger/0",
        ROLLBACK,
    ] {
        let page = site.get(path, &cookie).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for header in [
            "default-src 'none'; script-src 'self'",
            "frame-ancestors 'none'",
            "nosniff",
            "cache-control: no-store",
        ] {
            assert!(page.head.contains(header), "{path} has no {header}: {}", page.head);
        }
        assert!(!page.body.contains("<style") && !page.body.contains(" style=\""), "{path}");
    }
    let style = ripcord_pages::assets::style_sheet().path();
    let asset = site.get(&style, "").await;
    assert!(
        asset.status == 200 && asset.head.contains("immutable") && asset.head.contains("nosniff"),
        "{}",
        asset.head
    );
    for path in ["/assets/ripcord.css", "/assets/..%2f..%2fCargo.toml", "/assets/%00"] {
        assert_eq!(site.get(path, "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_on_a_page_and_the_api_stays_as_it_is() {
    let site = site().await;
    let cookie = site.sign_in().await;
    for path in [
        "/releases/nothing",
        "/releases/..%2f..",
        "/releases/exam-submit-v2/delete",
        "/ledger/99",
        "/releases/exam-submit-v2/runbook",
    ] {
        let page = site.get(path, &cookie).await;
        assert_eq!(page.status, 404, "{path}: {}", page.body);
        assert!(page.body.contains("<!doctype html>"), "{path}: {}", page.body);
    }
    // A cookie opens pages, and nothing of the API.
    assert_eq!(site.get("/v1/releases", &cookie).await.status, 401);
    assert_eq!(site.get("/healthz", "").await.status, 200);
}

#[tokio::test]
async fn a_link_from_another_site_is_asked_once_more_from_here() {
    let site = site().await;
    let cookie = site.sign_in().await;
    // A browser keeps a strict cookie back when it comes from elsewhere.
    let first = site.ask(&request("GET", "/ledger", &["sec-fetch-site: cross-site"], "")).await;
    assert!(first.status == 200 && first.body.contains("http-equiv=\"refresh\""), "{}", first.body);
    let second =
        request("GET", "/ledger", &["sec-fetch-site: same-origin", &format!("cookie: {cookie}")], "");
    assert!(site.ask(&second).await.body.contains("<h1>Ledger</h1>"));
}

#[tokio::test]
async fn the_owner_of_the_socket_needs_no_session_and_forms_need_their_key_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ripcord.sock");
    let world = world();
    let _listening =
        serve_unix(world.handle.clone(), &path, Limits::default(), CancellationToken::new()).await.unwrap();
    let get = async |of: &str, socket: &Path| by_unix(socket, &request("GET", of, &[], "")).await;
    assert_eq!(get("/", &path).await.status, 200);
    let form = get(ROLLBACK, &path).await.body;
    let key = form.split("name=\"form_key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let headers = ["content-type: application/x-www-form-urlencoded"];
    let answer = by_unix(&path, &request("POST", ROLLBACK, &headers, "why=x&form_key=wrong")).await;
    assert_eq!(answer.status, 403);
    let answer = by_unix(&path, &request("POST", ROLLBACK, &headers, &format!("why=x&form_key={key}"))).await;
    assert_eq!(answer.status, 303);
    assert_eq!(world.commands.lock().unwrap().len(), 1);
}
