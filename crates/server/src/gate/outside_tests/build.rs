//! The build of the commit: several sources at once, the worst answer first.

use ripcord_model::blueprint::{Ci, CiSource};

use super::*;
use crate::gate::ci::Build;

fn command(line: &str) -> Ci {
    let source = CiSource::Command { command: line.to_owned(), environment: Vec::new() };
    Ci { source, timeout: Duration::from_ms(400) }
}

#[tokio::test]
async fn every_source_must_say_yes_and_the_worst_answer_leads() {
    let mut world = World::new();
    assert!(!Build.applies(&world.blueprint));
    let mut ask = async |lines: &[&str]| {
        world.blueprint.checks.ci = lines.iter().map(|line| command(line)).collect();
        world.ask(Build).await
    };
    let answer = ask(&["true", "echo FAILED; test {version} = v2"]).await;
    assert_eq!(answer.status, CheckStatus::Pass, "{answer:?}");
    let answer = ask(&["true", "sleep 60"]).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    let answer = ask(&["sleep 60", "no-such-tool", "echo OK; exit 1"]).await;
    assert_eq!(answer.status, CheckStatus::Fail, "{answer:?}");
    assert!(
        answer.reason.starts_with("the build failed: `echo OK; exit 1` ended with status 1: OK; "),
        "{answer:?}"
    );
    assert!(answer.fix.starts_with("mend the build"), "{answer:?}");
    let answer = ask(&["test -n {commit}"]).await;
    assert_eq!(answer.status, CheckStatus::Unknown, "{answer:?}");
    assert!(answer.reason.contains("not known which commit"), "{answer:?}");
}
