//! The files of the demo's service: what a user would write, with stages of seconds.

use std::{net::SocketAddr, path::Path};

/// The good release.
pub const GOOD: &str = "exam-submit-v2";
/// The bad release.
pub const BAD: &str = "exam-submit-v3";
/// The share of submissions that the bad version answers with an error.
pub const BAD_ERROR_RATE: &str = "0.2";
/// … once it has answered so many requests: the first stage looks well, the second does not.
const BAD_AFTER_REQUESTS: u32 = 70;

/// `ripcord.yaml`.
pub fn service(program: &Path, production: SocketAddr, staging: SocketAddr) -> String {
    let command = format!(
        "exec '{}' demo-service --port {{port}} --version {{version}} --fault v3:error-rate={BAD_ERROR_RATE} \
         --fault v3:error-after-requests={BAD_AFTER_REQUESTS}",
        program.display().to_string().replace('\'', r"'\''")
    );
    // A JSON string is a YAML string.
    let command = serde_json::Value::String(command);
    let environment = |listen: SocketAddr| {
        format!(
            "    router: {{ edge: {{ listen: \"{listen}\", drain: 2s }} }}
    workload: {{ process: {{ command: {command}, ready: /healthz/ready, ready_within: 20s, grace: 5s }} }}
    metrics: {{ scrape: {{ path: /metrics }}, interval: 500ms, timeout: 2s }}
    probes:
      - {{ path: /healthz/ready, timeout: 2s }}
    rehearse: {{ baseline: 1s, traffic: 2s, path: /exam, rate: 50 }}
"
        )
    };
    format!(
        "# The demo's service: an exam that is submitted a few hundred times per second.
service: exams
owner: team-exams
environments:
  staging:
{}  production:
{}signals:
  submit-errors:
    harm: user
    ratio: {{ bad: 'exam_submit_total{{outcome=\"error\"}}', all: exam_submit_total }}
    window: 5s
    rollback: [\"worse than control by 20%\", \"above 10% for 10s\"]
    hold: \"above 2% for 1s\"
  latency-p99:
    harm: system
    quantile: {{ histogram: http_request_duration_seconds, q: 0.99 }}
    window: 10s
    rollback: \"above 2s for 10s\"
",
        environment(staging),
        environment(production)
    )
}

/// `releases/NAME.yaml`.
pub fn plan(release: &str, version: &str, last_good: Option<&str>) -> String {
    let last_good = last_good.map_or_else(String::new, |version| format!("last_good: {version}\n"));
    format!(
        "release: {release}
version: {version}
{last_good}owner: maya
on_call: ran
false_rollback: 0.1%
changes:
  - {{ id: submit-flow, class: code, summary: new submit flow, back: {{ level: deploy, budget: 1m }} }}
stages:
  - {{ share: 1%, for: 5s, at_least: 10 requests }}
  - {{ share: 10%, for: 6s, at_least: 100 requests }}
  - {{ share: 50%, for: 6s, at_least: 500 requests }}
  - {{ share: 100%, for: 6s, at_least: 500 requests }}
blind: {{ after: 10s, deadline: 30s, then: rollback }}
recovery: 3s
"
    )
}

#[cfg(test)]
mod tests {
    use ripcord_model::{CompileContext, compile, read_plan, read_service, source::SourceFile};

    use super::*;

    #[test]
    fn the_files_compile_without_a_mistake() {
        let (production, staging) = ("127.0.0.1:8080".parse().unwrap(), "127.0.0.1:8081".parse().unwrap());
        let text = service(Path::new("/opt/it's here/ripcord"), production, staging);
        let service = read_service(&SourceFile::new("ripcord.yaml", text)).unwrap();
        for (release, version, last_good) in [(GOOD, "v2", Some("v1")), (BAD, "v3", None)] {
            let source =
                SourceFile::new(format!("releases/{release}.yaml"), plan(release, version, last_good));
            let plan = read_plan(&source).unwrap();
            let blueprint = compile(&service, &plan, &CompileContext::default()).unwrap();
            assert_eq!(blueprint.stages.len(), 4);
            assert!(blueprint.staging.is_some());
        }
    }
}
