//! Programs for the workload and the edge: this test binary, started again to run one "test" that serves.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

use super::service;

/// A command line that serves `version` on `port`, both shell text; `mode` is `ok` or `unready`.
pub fn service_command(mode: &str) -> String {
    let this = std::env::current_exe().unwrap();
    format!(
        "exec '{}' --ignored --exact --nocapture support::fixture::run_service -- {{version}} {{port}} {mode}",
        this.display()
    )
}

/// Writes a program that takes the arguments of `ripcord` and knows its `edge` command.
pub fn write_ripcord(path: &Path) {
    let this = std::env::current_exe().unwrap();
    let script = format!(
        "#!/bin/sh\nexec '{}' --ignored --exact --nocapture support::fixture::run_edge -- \"$@\"\n",
        this.display()
    );
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// What stands after `--`; nothing when this runs as a test. From here on the program ends when the directory it was
/// started in is gone: a failing test takes no one down, and leaves nothing behind.
fn arguments() -> Option<Vec<String>> {
    let arguments: Vec<String> = std::env::args().skip_while(|argument| argument != "--").skip(1).collect();
    if arguments.is_empty() {
        return None;
    }
    std::thread::spawn(|| {
        while std::env::current_dir().is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        std::process::exit(0);
    });
    Some(arguments)
}

#[test]
#[ignore = "a program for other tests, not a test"]
fn run_service() {
    let Some(arguments) = arguments() else { return };
    let port: u16 = arguments[1].parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let status = if arguments[2] == "unready" { "503 Service Unavailable" } else { "200 OK" };
    println!("{} serves on {port}", arguments[0]);
    service::serve(listener, arguments[0].clone(), status, Arc::new(AtomicU64::new(0)));
}

#[test]
#[ignore = "a program for other tests, not a test"]
fn run_edge() {
    let Some(arguments) = arguments() else { return };
    let value = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    assert_eq!(arguments[0], "edge");
    let state = value("--state").expect("it is always given");
    let mut options = ripcord_edge::Options::new(value("--listen").unwrap().parse().unwrap(), state);
    options.admin = value("--admin").map(|admin| admin.parse().unwrap());
    options.drain = value("--drain").unwrap().parse::<ripcord_model::Duration>().unwrap().to_std();
    assert_eq!(value("--sticky").map(String::as_str), Some("none"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Err(error) = runtime.block_on(ripcord_edge::run(options, ripcord_edge::terminated())) {
        let mut source = std::error::Error::source(&error);
        eprint!("failed to {error}");
        while let Some(inner) = source {
            eprint!(": {inner}");
            source = inner.source();
        }
        eprintln!();
        std::process::exit(1);
    }
}

/// A control plane that brings up version `v1` in a directory and then works on.
pub fn control_plane(directory: &Path) -> std::process::Child {
    use std::os::unix::process::CommandExt as _;
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "support::fixture::run_control_plane", "--"])
        .arg(directory)
        .current_dir(directory)
        .process_group(0)
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "a program for other tests, not a test"]
fn run_control_plane() {
    let Some(arguments) = arguments() else { return };
    let directory = Path::new(&arguments[0]);
    let workload = crate::process::connect(directory, crate::process::binding(service_command("ok")));
    let router = crate::edge::connect(directory, listen_of(directory));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let running = [super::artifact("v1")];
        let instances = workload.ensure(ripcord_engine::Generation(1), &running).await.unwrap();
        let weights = ripcord_engine::Weights::all_to(&super::version("v1"));
        router.apply(ripcord_engine::Generation(1), &weights, &instances).await.unwrap();
        std::fs::write(directory.join("works"), "").unwrap();
        std::future::pending::<()>().await;
    });
}

/// Where the users of a directory's edge connect, written there by the test.
pub fn listen_of(directory: &Path) -> std::net::SocketAddr {
    std::fs::read_to_string(directory.join("listen")).unwrap().parse().unwrap()
}
