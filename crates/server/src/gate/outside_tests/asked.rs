//! Downstream services and what a workload requires.

use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use super::*;
use crate::gate::{downstream::DownstreamAnswers, requirements::Requirements};

fn tcp(name: &str, address: impl ToString, timeout_ms: u64) -> Downstream {
    let ask = DownstreamAsk::Tcp(address.to_string());
    Downstream { name: name.to_owned(), ask, timeout: Duration::from_ms(timeout_ms) }
}

fn http(name: &str, address: impl std::fmt::Display, timeout_ms: u64) -> Downstream {
    let ask = DownstreamAsk::Http { url: format!("http://{address}/healthz"), expect: 200 };
    Downstream { name: name.to_owned(), ask, timeout: Duration::from_ms(timeout_ms) }
}

#[tokio::test]
async fn nothing_outside_is_asked_unless_somebody_wants_to_know() {
    let blueprint = World::new().blueprint;
    assert!(!DownstreamAnswers.applies(&blueprint) && !Requirements.applies(&blueprint));
}

#[tokio::test]
async fn every_service_is_asked_at_once_and_those_that_do_not_answer_are_named() {
    let mut world = World::new();
    let (up, silent) = (TcpListener::bind("127.0.0.1:0").await, TcpListener::bind("127.0.0.1:0").await);
    let (up, silent) = (up.unwrap(), silent.unwrap());
    let database = tcp("database", up.local_addr().unwrap(), 5_000);
    world.blueprint.checks.downstream = vec![database.clone()];
    let answer = world.ask(DownstreamAnswers).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert!(answer.reason.starts_with("database answers in "), "{answer:?}");

    let payment = http("payment-svc", silent.local_addr().unwrap(), 300);
    world.blueprint.checks.downstream =
        vec![database, payment.clone(), http("mail", silent.local_addr().unwrap(), 300)];
    let answer = world.ask(DownstreamAnswers).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    assert_eq!(answer.reason, "payment-svc did not answer in 300 ms; mail did not answer in 300 ms");
    assert!(answer.fix.contains("bring payment-svc, mail back"), "{answer:?}");

    drop(up);
    let gone = tcp("search", world.blueprint.checks.downstream[0].clone().ask_address(), 5_000);
    world.blueprint.checks.downstream = vec![gone, payment];
    let answer = world.ask(DownstreamAnswers).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(answer.reason.starts_with("search refused the connection after "), "{answer:?}");
}

#[tokio::test]
async fn services_that_answer_only_when_all_have_been_asked_answer() {
    let mut world = World::new();
    let all_asked = Arc::new(tokio::sync::Barrier::new(3));
    for number in 0..3 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = http(&format!("service-{number}"), listener.local_addr().unwrap(), 10_000);
        world.blueprint.checks.downstream.push(service);
        let all_asked = Arc::clone(&all_asked);
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            all_asked.wait().await;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        });
    }
    let answer = world.ask(DownstreamAnswers).await;
    assert!(answer.reason.starts_with("all 3 services answer, the slowest in "), "{answer:?}");
}

/// Where a service asked by TCP is.
trait AskAddress {
    fn ask_address(self) -> String;
}

impl AskAddress for Downstream {
    fn ask_address(self) -> String {
        match self.ask {
            DownstreamAsk::Tcp(address) => address,
            DownstreamAsk::Http { url, .. } => url,
        }
    }
}

#[tokio::test]
async fn what_is_required_is_there_or_named_and_its_value_never_is() {
    let mut world = World::new();
    let secret = "hunter2-is-the-value";
    std::fs::write(world.root().join("token"), secret).unwrap();
    let requires = |env: &[&str], files: &[&str], commands: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (env, files, commands) = (owned(env), owned(files), owned(commands));
        Some(Requires { env, files, commands, timeout: Duration::from_ms(400) })
    };
    world.blueprint.checks.requires = requires(&["PATH"], &["token"], &["cat token"]);
    let answer = world.ask(Requirements).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    assert_eq!(answer.reason, "all there: 1 variable, 1 file, 1 command");

    let liar = "echo OK; cat token >&2; exit 1";
    for (asked, status, said) in [
        (
            requires(&["NOT_SET_ANYWHERE"], &[], &[]),
            CheckStatus::Fail,
            "the variable NOT_SET_ANYWHERE is not set",
        ),
        (requires(&["CARGO_PKG_NAME"], &[], &[]), CheckStatus::Fail, "not handed on to the workload"),
        (requires(&[], &["conf/none"], &[]), CheckStatus::Fail, "there is no file conf/none"),
        (requires(&[], &[], &[liar]), CheckStatus::Fail, "ended with status 1"),
        (requires(&[], &[], &["cat token; sleep 60"]), CheckStatus::Unknown, "did not end within 400 ms"),
        (requires(&[], &[], &["no-such-vault get x"]), CheckStatus::Unknown, "the program is missing"),
    ] {
        world.blueprint.checks.requires = asked;
        let answer = world.ask(Requirements).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.reason.contains(said), "{answer:?}");
        assert!(!format!("{answer:?}").contains(secret), "{answer:?}");
    }
    world.blueprint.checks.requires = requires(&["CARGO_PKG_NAME"], &[], &[]);
    assert!(world.ask(Requirements).await.fix.contains("`environment`"));
}
