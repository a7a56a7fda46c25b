//! Programs for the workload and the edge: this test binary, started again to run one "test" that serves. They end
//! with the directory they belong to.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A command line that serves a version. `v3` answers every second request with an error.
pub fn service_command(home: &Path) -> String {
    let this = std::env::current_exe().unwrap();
    format!(
        "exec {} --ignored --exact --nocapture fixture::run_service -- {{version}} {{port}} {}",
        this.display(),
        home.display()
    )
}

/// Writes a program that takes the arguments of `ripcord` and knows its `edge` command.
pub fn write_ripcord(path: &Path, home: &Path) {
    let this = std::env::current_exe().unwrap();
    let script = format!(
        "#!/bin/sh\nexec '{}' --ignored --exact --nocapture fixture::run_edge -- '{}' \"$@\"\n",
        this.display(),
        home.display()
    );
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn arguments() -> Option<Vec<String>> {
    let arguments: Vec<String> = std::env::args().skip_while(|argument| argument != "--").skip(1).collect();
    (!arguments.is_empty()).then_some(arguments)
}

fn end_with(home: &str) {
    let home = PathBuf::from(home);
    std::thread::spawn(move || {
        while home.exists() {
            std::thread::sleep(Duration::from_millis(200));
        }
        std::process::exit(0);
    });
}

#[derive(Default)]
struct Counters {
    ok: AtomicU64,
    error: AtomicU64,
}

#[test]
#[ignore = "a program for other tests, not a test"]
fn run_service() {
    let Some(arguments) = arguments() else { return };
    let [version, port, home] = arguments.as_slice() else { panic!("{arguments:?}") };
    end_with(home);
    let listener = TcpListener::bind(("127.0.0.1", port.parse::<u16>().unwrap())).unwrap();
    let counters = Arc::new(Counters::default());
    for stream in listener.incoming() {
        let (version, counters) = (version.clone(), Arc::clone(&counters));
        std::thread::spawn(move || {
            let _gone = serve(stream.unwrap(), &version, &counters);
        });
    }
}

fn serve(stream: TcpStream, version: &str, counters: &Counters) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(request) = lines.next() {
        let request = request?;
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let (status, body) = answer(&request, version, counters);
        let length = body.len();
        write!(
            writer,
            "HTTP/1.1 {status}\r\nx-version: {version}\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
    }
    Ok(())
}

fn answer(request: &str, version: &str, counters: &Counters) -> (&'static str, String) {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    if request.starts_with("GET /metrics") {
        let (ok, error) = (count(&counters.ok), count(&counters.error));
        let body =
            format!("submit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\n");
        return ("200 OK", body);
    }
    if !request.starts_with("GET /submit") {
        return ("200 OK", String::new());
    }
    let fails = version == "v3" && (count(&counters.ok) + count(&counters.error)).is_multiple_of(2);
    let counter = if fails { &counters.error } else { &counters.ok };
    counter.fetch_add(1, Ordering::Relaxed);
    (if fails { "500 Internal Server Error" } else { "200 OK" }, version.to_owned())
}

/// A control plane as a process of its own, to be killed.
pub fn control_plane(home: &Path) -> std::process::Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "fixture::run_control_plane", "--"])
        .arg(home)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "a program for other tests, not a test"]
fn run_control_plane() {
    let Some(arguments) = arguments() else { return };
    end_with(&arguments[0]);
    let home = PathBuf::from(&arguments[0]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let _running = ripcord_server::lifecycle::start(crate::world::options(&home)).await.unwrap();
        std::future::pending::<()>().await;
    });
}

#[test]
#[ignore = "a program for other tests, not a test"]
fn run_edge() {
    let Some(arguments) = arguments() else { return };
    end_with(&arguments[0]);
    assert_eq!(arguments[1], "edge");
    let value = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    let state = value("--state").expect("it is always given");
    let mut options = ripcord_edge::Options::new(value("--listen").unwrap().parse().unwrap(), state);
    options.admin = value("--admin").map(|admin| admin.parse().unwrap());
    options.drain = value("--drain").unwrap().parse::<ripcord_model::Duration>().unwrap().to_std();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Err(error) = runtime.block_on(ripcord_edge::run(options, ripcord_edge::terminated())) {
        eprintln!("failed to {error}");
        std::process::exit(1);
    }
}
