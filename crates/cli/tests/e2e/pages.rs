//! The pages in a real browser: a release seen moving, gone back from by the button, with scripts and without.

use std::{fs, path::PathBuf, process::Stdio};

use ripcord_engine::{Cause, PhaseName};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::Command,
};

use crate::support::{
    files::Plan,
    free_port,
    server::Server,
    users::versions,
    world::{World, edge_and},
};

/// Where the browser's part is, with the packages it needs.
const BROWSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");

/// Where pictures of the pages go: they are looked at by people.
fn screens() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../screens")
}

/// The token stands in the log of the first start with an address, and nowhere else.
fn token(world: &World) -> String {
    let log = world.log();
    let told = log.lines().find_map(|line| line.trim().strip_prefix("RIPCORD_TOKEN="));
    told.unwrap_or_else(|| panic!("no token is told: {log}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_seen_moving_and_taken_back_by_the_button_with_scripts_and_without() {
    assert!(
        fs::exists(format!("{BROWSER}/node_modules/playwright-core")).unwrap(),
        "the browser's packages are missing: `make packages` installs them"
    );
    let world = World::behind_edge();
    // The last stage before all traffic lasts for as long as the browser looks.
    world.plan(&Plan::new("flow-v2", "v2").lasting(0, "3s").lasting(1, "10m"));
    world.bring_up("v1").await;
    let users = world.users();
    let address = format!("127.0.0.1:{}", free_port());
    let server = Server::start(world.root(), &["--listen", &address]).await;

    let mut browser = Command::new("node")
        .arg("tour.mjs")
        .current_dir(BROWSER)
        .env("ADDRESS", format!("http://{address}"))
        .env("TOKEN", token(&world))
        .env("RELEASE", "flow-v2")
        .env("SCREENS", screens())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node is there: `make packages` installs it");
    let mut said = BufReader::new(browser.stdout.take().unwrap()).lines();
    let mut seen = false;
    while let Some(line) = said.next_line().await.unwrap() {
        match line.as_str() {
            "ready to ship" => drop(world.ripcord(&["ship", "flow-v2", "--detach"]).await.expect(0)),
            "seen" => seen = true,
            _ => {}
        }
    }
    let mut errors = String::new();
    browser.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
    let ended = browser.wait().await.unwrap();
    assert!(seen && ended.success(), "{errors}\n{}", world.log());

    let status = world.until_phase("flow-v2", PhaseName::RolledBack).await;
    let Some(Cause::Person { why, .. }) = &status.cause else { panic!("{status:#?}") };
    assert_eq!(why, "students lose answers");
    assert_eq!(versions(&users.next(100).await), ["v1"]);
    let seen = users.stop().await;
    assert_eq!((seen.bad, seen.failed), (0, 0), "{seen:?}");
    world.ripcord(&["audit", "verify"]).await.expect(0);
    server.stop().await;
    world.end(&edge_and("v1")).await;
}
