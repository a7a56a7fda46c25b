//! The binary as a process: what a workload adapter and a shell see of it.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use crate::common::{GOOD, ask};

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn serve(arguments: &[&str], faults_in_environment: &str) -> (Process, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exam-service"));
    command.args(["serve", "--port", "0"]).args(arguments).env("EXAM_FAULTS", faults_in_environment);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary was built");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("it says where it listens");
    let address =
        line.trim().strip_prefix("listening on http://").expect("an address").parse().expect("an address");
    (Process(child), address)
}

#[tokio::test]
async fn faults_of_the_environment_and_the_command_line_meet() {
    let arguments = ["--version", "v2", "--fault", "v3:not-ready=true", "--fault", "v2:error-rate=1"];
    let (_process, address) = serve(&arguments, "latency-ms=1");
    let (_, faults) = ask(address, "GET", "/faults", "").await;
    assert!(faults.contains(r#""error-rate":1.0,"error-after-requests":0,"latency-ms":1"#), "{faults}");
    assert!(faults.contains(r#""not-ready":false"#), "{faults}");
    assert_eq!(ask(address, "POST", "/submit", GOOD).await.0, 500);
}

#[tokio::test]
async fn a_crash_has_an_exit_status_of_its_own_and_a_term_signal_ends_well() {
    let (mut crashing, address) = serve(&["--version", "v2", "--fault", "crash-after-requests=0"], "");
    assert_eq!(ask(address, "GET", "/exam", "").await.0, 0);
    assert_eq!(crashing.0.wait().unwrap().code(), Some(134));

    let (mut healthy, address) = serve(&["--version", "v1"], "");
    assert_eq!(ask(address, "GET", "/exam", "").await.0, 200);
    let killed = Command::new("kill").args(["-TERM", &healthy.0.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(healthy.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_wrong_fault_is_a_usage_error_that_names_the_right_ones() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exam-service"));
    command.args(["serve", "--port", "0", "--version", "v2", "--fault", "eror-rate=1"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("error-rate, error-after-requests, latency-ms"), "{text}");
}

#[tokio::test]
async fn the_load_command_reports_as_json_and_tells_by_its_exit_status() {
    let (_process, address) = serve(&["--version", "v1"], "");
    let load = |seconds: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exam-service"));
        command.args(["load", "--target", &format!("http://{address}"), "--duration-s", seconds, "--json"]);
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut child = load("0.5");
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(text.contains(r#""v1":{"responses":1"#), "{text}");
    assert_eq!(child.wait().unwrap().code(), Some(0));

    ask(address, "PUT", "/faults", r#"{"error-rate":0.5}"#).await;
    assert_eq!(load("0.3").wait().unwrap().code(), Some(1));
}
