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

fn arguments() -> Option<Vec<String>> {
    let arguments: Vec<String> = std::env::args().skip_while(|argument| argument != "--").skip(1).collect();
    (!arguments.is_empty()).then_some(arguments)
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
