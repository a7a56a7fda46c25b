use std::{collections::BTreeMap, path::Path, time::Duration};

use ripcord_model::blueprint::{Ci, CiSource};

use super::{
    About, CiTrouble, Passed, ask,
    stub::{COMMIT, Fault, Stub, TOKEN},
};
use crate::Context;

fn context(root: &Path) -> Context {
    Context {
        root: root.to_owned(),
        state: root.join(".ripcord"),
        environment: "production".parse().unwrap(),
        ripcord_program: "ripcord".into(),
    }
}

async fn ask_within(source: CiSource, timeout_ms: u64) -> Result<Passed, CiTrouble> {
    let ci = Ci { source, timeout: ripcord_model::Duration::from_ms(timeout_ms) };
    let root = tempfile::tempdir().unwrap();
    let about = About { commit: Some(COMMIT), version: "v2" };
    ask(&ci, about, &context(root.path())).await
}

async fn ask_it(source: CiSource) -> Result<Passed, CiTrouble> {
    ask_within(source, 10_000).await
}

fn github(stub: &Stub, token: Option<&str>) -> CiSource {
    let token = token.map(str::to_owned);
    CiSource::Github { repository: "exams/exams".to_owned(), api: stub.url.clone(), token }
}

fn gitlab(stub: &Stub, token: Option<&str>) -> CiSource {
    let (api, token) = (format!("{}/api/v4", stub.url), token.map(str::to_owned));
    CiSource::Gitlab { project: "exams/exams".to_owned(), api, token }
}

/// Both ways of asking a forge.
fn forges(stub: &Stub) -> [CiSource; 2] {
    [github(stub, Some(TOKEN)), gitlab(stub, Some(TOKEN))]
}

#[tokio::test]
async fn statuses_and_check_runs_must_all_be_good() {
    let stub = Stub::start().await;
    stub.status("ci/build", "success").run("lint", "completed", Some("success"));
    stub.run("docs", "completed", Some("skipped")).run("size", "completed", Some("neutral"));
    let Passed(seen) = ask_it(github(&stub, None)).await.unwrap();
    assert!(seen.starts_with("all 4 reports about 0123456789ab on http://127.0.0.1"), "{seen}");

    stub.run("deploy", "in_progress", None).status("ci/slow", "pending");
    let pending = ask_it(github(&stub, None)).await.unwrap_err();
    assert_eq!(pending.to_string(), "the build is not over: ci/slow is pending, deploy is in_progress");
    assert!(pending.is_an_answer());

    // What failed counts more than what still runs, whatever the combined state says.
    stub.run("tests", "completed", Some("timed_out"));
    let failed = ask_it(github(&stub, None)).await.unwrap_err();
    assert_eq!(failed.to_string(), "the build failed: tests is timed_out");
}

#[tokio::test]
async fn jobs_that_may_fail_do_not_stand_in_the_way_and_others_do() {
    let stub = Stub::start().await;
    stub.status("build", "success").status("docs", "skipped");
    stub.state().statuses.push(("flaky".to_owned(), "failed".to_owned(), true));
    stub.state().statuses.push(("deploy".to_owned(), "manual".to_owned(), true));
    let Passed(seen) = ask_it(gitlab(&stub, None)).await.unwrap();
    assert!(seen.starts_with("all 4 reports"), "{seen}");
    stub.status("approve", "manual");
    assert_eq!(
        ask_it(gitlab(&stub, None)).await.unwrap_err(),
        CiTrouble::Pending("approve is manual".to_owned())
    );
    stub.status("tests", "canceled");
    let failed = ask_it(gitlab(&stub, None)).await.unwrap_err();
    assert_eq!(failed, CiTrouble::Failed("tests is canceled".to_owned()));
}

#[tokio::test]
async fn the_failure_on_the_third_page_is_found() {
    let stub = Stub::start().await;
    for number in 0..230 {
        stub.status(&format!("job-{number}"), "success").run(
            &format!("run-{number}"),
            "completed",
            Some("success"),
        );
    }
    for source in forges(&stub) {
        let Passed(seen) = ask_it(source).await.unwrap();
        assert!(seen.starts_with("all 460 reports") || seen.starts_with("all 230 reports"), "{seen}");
    }
    let pages = |what: &str| stub.state().asked.iter().filter(|asked| asked.contains(what)).count();
    assert_eq!((pages("/status?"), pages("/check-runs?"), pages("/statuses?")), (3, 3, 3));
    stub.run("last", "completed", Some("failure"));
    assert_eq!(
        ask_it(github(&stub, None)).await.unwrap_err(),
        CiTrouble::Failed("last is failure".to_owned())
    );
    stub.status("last", "failed");
    assert_eq!(
        ask_it(gitlab(&stub, None)).await.unwrap_err(),
        CiTrouble::Failed("last is failed".to_owned())
    );
}

#[tokio::test]
async fn reports_without_end_and_reports_that_are_not_shown_are_not_good_ones() {
    let stub = Stub::start().await;
    for number in 0..1_001 {
        stub.status(&format!("job-{number}"), "success");
    }
    for source in forges(&stub) {
        let trouble = ask_it(source).await.unwrap_err();
        assert!(trouble.to_string().contains("more than 1000 reports"), "{trouble}");
        assert!(!trouble.is_an_answer());
    }
    stub.state().statuses.truncate(3);
    stub.state().announces = 1;
    let trouble = ask_it(github(&stub, None)).await.unwrap_err();
    assert!(trouble.to_string().contains("4 reports are announced, 3 were shown"), "{trouble}");
}

#[tokio::test]
async fn a_build_that_nobody_reported_about_has_not_passed() {
    let stub = Stub::start().await;
    for source in forges(&stub) {
        let trouble = ask_it(source).await.unwrap_err();
        assert!(matches!(trouble, CiTrouble::Nothing { .. }), "{trouble}");
        assert!(!trouble.is_an_answer());
    }
}

#[tokio::test]
async fn a_report_about_another_commit_says_nothing_about_this_one() {
    let stub = Stub::start().await;
    stub.status("build", "success").run("lint", "completed", Some("success"));
    stub.state().fault = Fault::OtherCommit;
    for source in forges(&stub) {
        let trouble = ask_it(source).await.unwrap_err();
        assert!(
            matches!(&trouble, CiTrouble::OtherCommit { answered, .. } if answered == "ffffffffffff"),
            "{trouble}"
        );
    }
    let root = tempfile::tempdir().unwrap();
    let ci = Ci { source: github(&stub, None), timeout: ripcord_model::Duration::from_secs(1) };
    let nowhere = About { commit: None, version: "v2" };
    assert_eq!(ask(&ci, nowhere, &context(root.path())).await, Err(CiTrouble::NoCommit));
}

/// A status, headers, and what is said about it.
type Refusal = (u16, Vec<(&'static str, String)>, &'static str);

#[tokio::test]
async fn every_refusal_is_told_apart_and_none_names_the_token() {
    let stub = Stub::start().await;
    stub.status("build", "success");
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 90;
    let cases: Vec<Refusal> = vec![
        (401, vec![], "does not take the token (status 401)"),
        (403, vec![], "does not take the token (status 403)"),
        (
            403,
            vec![("retry-after", "61".to_owned())],
            "asked too often; it takes questions again in 1 min 1 s",
        ),
        (
            403,
            vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", soon.to_string())],
            "asked too often; it takes questions again in 1 min",
        ),
        (429, vec![], "asked too often; it takes questions again after a while"),
        (404, vec![], "knows no commit 0123456789ab of exams/exams, or does not show it"),
        (422, vec![], "knows no commit 0123456789ab of exams/exams"),
        (301, vec![("location", "http://127.0.0.1:1/".to_owned())], "answered with status 301"),
        (500, vec![], "answered with status 500"),
        (204, vec![], "answered with status 204"),
    ];
    for (status, headers, said) in cases {
        stub.state().fault = Fault::Refuse(status, headers);
        for source in forges(&stub) {
            let trouble = ask_it(source).await.unwrap_err();
            assert!(trouble.to_string().contains(said), "{status}: {trouble}");
            assert!(!trouble.is_an_answer(), "{trouble}");
            assert!(!format!("{trouble:?}").contains(env!("CARGO_PKG_NAME")), "{trouble:?}");
        }
    }
}

#[tokio::test]
async fn what_is_private_needs_the_token_and_a_missing_variable_is_named() {
    let stub = Stub::start().await;
    stub.status("build", "success");
    stub.state().needs_token = true;
    for source in [github(&stub, None), gitlab(&stub, None)] {
        assert!(matches!(ask_it(source).await.unwrap_err(), CiTrouble::NotFound { status: 404, .. }));
    }
    for source in forges(&stub) {
        assert!(ask_it(source).await.is_ok());
    }
    for source in [github(&stub, Some("env:NO_SUCH_TOKEN")), gitlab(&stub, Some("env:NO_SUCH_TOKEN"))] {
        assert_eq!(ask_it(source).await, Err(CiTrouble::NoToken("NO_SUCH_TOKEN".to_owned())));
    }
    let other = github(&stub, Some("env:CARGO_PKG_VERSION"));
    assert!(matches!(ask_it(other).await.unwrap_err(), CiTrouble::Unauthorised { status: 401, .. }));
}

#[tokio::test]
async fn garbage_and_silence_are_not_answers() {
    let stub = Stub::start().await;
    for text in ["", "<html>ok</html>", "[]", "{}", "null", "[{\"status\":\"success\"}]", "{\"sha\":7}"] {
        stub.state().fault = Fault::Say(text.to_owned());
        let trouble = ask_it(github(&stub, None)).await.unwrap_err();
        assert!(matches!(trouble, CiTrouble::Garbage { .. }), "{text}: {trouble}");
        let trouble = ask_it(gitlab(&stub, None)).await.unwrap_err();
        assert!(
            matches!(trouble, CiTrouble::Garbage { .. } | CiTrouble::Nothing { .. }),
            "{text}: {trouble}"
        );
    }
    stub.state().fault = Fault::Say(" ".repeat(5 * 1024 * 1024));
    let trouble = ask_it(github(&stub, None)).await.unwrap_err();
    assert!(trouble.to_string().contains("larger than 4194304 bytes"), "{trouble}");
    stub.state().fault = Fault::None;
    stub.status("build", "sideways");
    for source in forges(&stub) {
        let trouble = ask_it(source).await.unwrap_err();
        assert!(trouble.to_string().contains("\"sideways\""), "{trouble}");
    }
    stub.state().fault = Fault::Hang;
    for source in forges(&stub) {
        let trouble = ask_within(source, 200).await.unwrap_err();
        assert!(
            matches!(trouble, CiTrouble::Silent { within, .. } if within == Duration::from_millis(200)),
            "{trouble}"
        );
    }
    let nobody =
        CiSource::Github { repository: "a/b".to_owned(), api: "http://127.0.0.1:1".to_owned(), token: None };
    assert!(matches!(ask_it(nobody).await.unwrap_err(), CiTrouble::Unasked { .. }));
}

#[tokio::test]
async fn a_url_must_say_what_is_expected() {
    let stub = Stub::start().await;
    let source = |expect: &[(&str, &str)]| CiSource::Url {
        url: format!("{}/builds/{{commit}}/{{version}}", stub.url),
        expect: expect
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        token: Some(TOKEN.to_owned()),
    };
    stub.state().fault = Fault::Say(format!(
        "{{\"build\":{{\"state\":\"success\",\"tests\":3,\"ok\":true}},\"a\":\"{}\"}}",
        "x".repeat(500)
    ));
    let good = [("/build/state", "success"), ("/build/tests", "3"), ("/build/ok", "true")];
    let Passed(seen) = ask_it(source(&good)).await.unwrap();
    assert!(
        seen.ends_with("says that /build/ok is true, /build/state is success, /build/tests is 3"),
        "{seen}"
    );
    assert_eq!(stub.state().asked, [format!("/builds/{COMMIT}/v2?page=1")]);
    let failed = ask_it(source(&[("/build/state", "passed")])).await.unwrap_err();
    assert_eq!(failed, CiTrouble::Failed("/build/state is success, expected passed".to_owned()));
    let long = ask_it(source(&[("/a", "x")])).await.unwrap_err().to_string();
    assert!(long.len() < 250, "{long}");
    let absent = ask_it(source(&[("/build/none", "x")])).await.unwrap_err();
    assert!(absent.to_string().ends_with("it has no /build/none"), "{absent}");
    stub.state().fault = Fault::Refuse(503, vec![]);
    assert!(matches!(ask_it(source(&good)).await.unwrap_err(), CiTrouble::Status { status: 503, .. }));
}

#[tokio::test]
async fn a_command_is_believed_by_its_status_alone() {
    let command = |line: &str| CiSource::Command {
        command: line.to_owned(),
        environment: vec!["CARGO_MANIFEST_DIR".to_owned()],
    };
    assert!(ask_it(command("echo FAILED; exit 0")).await.is_ok());
    let right_commit = format!("test {{commit}} = {COMMIT} && test {{version}} = v2");
    assert!(ask_it(command(&right_commit)).await.is_ok());
    let liar = ask_it(command("echo OK; echo OK >&2; exit 1")).await.unwrap_err();
    assert_eq!(liar, CiTrouble::Failed("`echo OK; echo OK >&2; exit 1` ended with status 1: OK".to_owned()));
    let missing = ask_it(command("no-such-ci-tool")).await.unwrap_err();
    assert!(!missing.is_an_answer() && missing.to_string().contains("the program is missing"), "{missing}");
    let hanging = ask_within(command("sleep 60"), 200).await.unwrap_err();
    assert_eq!(hanging.to_string(), "`sleep 60` did not answer within 200 ms");
    let killed = ask_it(command("kill -9 $$")).await.unwrap_err();
    assert!(killed.to_string().contains("a signal ended it"), "{killed}");
    let forks = ask_within(command("sleep 3 & exit 0"), 2_000).await;
    assert!(forks.is_ok(), "a child that holds the pipe holds the answer: {forks:?}");
    let told = ask_it(command("echo $CARGO_MANIFEST_DIR; exit 1")).await.unwrap_err();
    assert!(told.to_string().ends_with(": ***CARGO_MANIFEST_DIR***"), "{told}");
}
