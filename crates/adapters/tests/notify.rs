//! The notifiers against a real receiver on loopback: what arrives, and every way it can fail.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use ripcord_adapters::{
    notify,
    port::{AdapterError, Notifier},
};
use ripcord_engine::{Notice, NoticeKind};
use ripcord_model::{
    ReleaseName,
    blueprint::{NotifyBinding, NotifyKind},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What stands in the channel's path and must never be seen.
const SECRET: &str = "hunter2-token";

/// Answers every POST with one status and body, and keeps what it was sent.
struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<(String, Value)>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// `None` never answers.
    async fn start(answer: Option<(u16, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(receive(stream, answer, Arc::clone(&sink)));
            }
        });
        Self { address, received, task }
    }

    fn notifier(&self, kind: NotifyKind) -> Box<dyn Notifier> {
        let url = format!("http://{}/services/{SECRET}?key={SECRET}", self.address);
        notify::connect(&NotifyBinding { kind, url }).unwrap()
    }

    fn received(&self) -> Vec<(String, Value)> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(
    mut stream: TcpStream,
    answer: Option<(u16, &'static str)>,
    sink: Arc<Mutex<Vec<(String, Value)>>>,
) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    let message = loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&chunk[..read]),
        }
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(json) = serde_json::from_str(body)
        {
            break (head.to_ascii_lowercase(), json);
        }
    };
    sink.lock().unwrap().push(message);
    let Some((status, body)) = answer else {
        let _ = stream.read(&mut chunk).await;
        return;
    };
    let text =
        format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let _ = stream.write_all(text.as_bytes()).await;
}

fn notice() -> Notice {
    Notice {
        release: ReleaseName::new("exam-submit-v2").unwrap(),
        kind: NoticeKind::RollingBack,
        text: "submit-errors is 7.1 % & rising: going back to v1".to_owned(),
    }
}

async fn failure(kind: NotifyKind, answer: Option<(u16, &'static str)>) -> AdapterError {
    let receiver = Receiver::start(answer).await;
    let error = receiver.notifier(kind).send(&notice()).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains(SECRET), "{text}");
    assert!(text.contains("http://127.0.0.1/…"), "{text}");
    error
}

#[tokio::test]
async fn a_webhook_receives_the_notice_and_an_id_that_repeats_with_it() {
    let receiver = Receiver::start(Some((204, ""))).await;
    let notifier = receiver.notifier(NotifyKind::Webhook);
    notifier.send(&notice()).await.unwrap();
    notifier.send(&notice()).await.unwrap();
    notifier.send(&Notice { kind: NoticeKind::RolledBack, ..notice() }).await.unwrap();
    let received = receiver.received();
    let (head, message) = &received[0];
    assert_eq!(message["release"], "exam-submit-v2");
    assert_eq!(message["kind"], "rolling-back");
    assert_eq!(message["text"], notice().text);
    assert_eq!(message["format"], 1);
    let id = message["id"].as_str().unwrap();
    assert!(head.contains(&format!("idempotency-key: {id}")), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    assert_eq!(received[1].1, *message, "a repetition is recognisable");
    assert_ne!(received[2].1["id"], message["id"]);
}

#[tokio::test]
async fn slack_receives_blocks_and_only_its_ok_counts() {
    let receiver = Receiver::start(Some((200, "ok"))).await;
    receiver.notifier(NotifyKind::Slack).send(&notice()).await.unwrap();
    let (_, message) = &receiver.received()[0];
    assert_eq!(message["blocks"][0]["type"], "header");
    let text = message["blocks"][1]["text"]["text"].as_str().unwrap();
    assert_eq!(text, "submit-errors is 7.1 % &amp; rising: going back to v1");

    let refused = [
        (200, "no_text"),
        (200, ""),
        (400, "invalid_blocks"),
        (403, "action_prohibited"),
        (404, "channel_not_found"),
        (410, "channel_is_archived"),
        (302, "elsewhere"),
    ];
    for (status, body) in refused {
        let error = failure(NotifyKind::Slack, Some((status, body))).await;
        assert!(matches!(error, AdapterError::Permanent(_)), "{status} {body}: {error:?}");
        assert!(error.to_string().contains(body), "{error}");
    }
    for (status, body) in [(429, "rate_limited"), (500, "rollup_error"), (503, ""), (200, "rate_limited")] {
        let error = failure(NotifyKind::Slack, Some((status, body))).await;
        assert!(matches!(error, AdapterError::Transient(_)), "{status} {body}: {error:?}");
    }
}

#[tokio::test]
async fn a_webhook_that_fails_is_tried_again_only_when_that_can_help() {
    for status in [429, 408, 500, 502, 503] {
        let error = failure(NotifyKind::Webhook, Some((status, "later\nsecond line"))).await;
        assert_eq!(error, AdapterError::Transient(format!("http://127.0.0.1/… answered {status}: later")));
    }
    for status in [400, 401, 404, 301] {
        let error = failure(NotifyKind::Webhook, Some((status, "no"))).await;
        assert!(matches!(error, AdapterError::Permanent(_)), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_secret_is_not_quoted() {
    let error = failure(NotifyKind::Webhook, Some((404, "no route for /services/hunter2-token"))).await;
    assert_eq!(error, AdapterError::Permanent("http://127.0.0.1/… answered 404".to_owned()));
}

#[tokio::test]
async fn a_slow_receiver_and_a_closed_port_are_transient() {
    let slow = tokio::time::timeout(Duration::from_secs(20), failure(NotifyKind::Webhook, None)).await;
    let error = slow.expect("the timeout is ten seconds");
    assert_eq!(error, AdapterError::Transient("http://127.0.0.1/… did not answer in time".to_owned()));

    let receiver = Receiver::start(None).await;
    let notifier = receiver.notifier(NotifyKind::Slack);
    receiver.task.abort();
    while !receiver.task.is_finished() {
        tokio::task::yield_now().await;
    }
    let error = notifier.send(&notice()).await.unwrap_err();
    assert_eq!(error, AdapterError::Transient("http://127.0.0.1/… cannot be reached".to_owned()));
}

#[test]
fn an_unset_variable_is_named() {
    let url = "env:RIPCORD_TEST_NO_SUCH_VARIABLE".to_owned();
    let error = notify::connect(&NotifyBinding { kind: NotifyKind::Slack, url }).err().unwrap();
    assert!(
        matches!(&error, AdapterError::Permanent(text) if text.contains("RIPCORD_TEST_NO_SUCH_VARIABLE"))
    );
}
