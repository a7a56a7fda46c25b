//! The first `ripcord.yaml`.

use super::{Answers, MetricsChoice, RouterChoice, quoted};

/// The text of the file.
pub(super) fn render(answers: &Answers) -> String {
    let Answers { service, owner, .. } = answers;
    let (staging, production) = (staging(answers), production(answers));
    format!(
        r#"# What is released, where it runs and what is measured. Check it with: ripcord lint
# Every mistake has a code; `ripcord explain CODE` prints what it means and how to fix it.
service: {service}
owner: {owner}

environments:
{staging}
{production}
# A signal is a measured quantity with a harm (user, system, business) and rules:
#   rollback  any of these sends the release back
#   contain   any of these limits the damage and asks a person
#   hold      any of these stops forward motion while it lasts
# Name raw counters and histograms as your service exports them; Ripcord computes rates and quantiles itself.
signals:
  errors:
    harm: user
    ratio: {{ bad: 'http_requests_total{{status=~"5.."}}', all: http_requests_total }}
    # The first rule is decided by evidence that the new version is worse than the old one by more than a fifth, with
    # an error rate that the plan accepts. The second is exactly what it says, and works with little traffic, too.
    rollback: ["worse than control by 20%", "above 5% for 2m"]
    hold: "above 1% for 1m"
  latency-p99:
    harm: user
    quantile: {{ histogram: http_request_duration_seconds, q: 0.99 }}
    rollback: ["worse than control by 20%", "above 2x control for 3m"]

# How evidence is weighed: how long a fresh version warms up unjudged, how much counts scatter, and the errors you accept.
# evidence: {{ warm_up: 30s, dispersion: 1, contain: 5%, advance: 5%, guard: 5% }}
"#
    )
}

fn staging(answers: &Answers) -> String {
    let command = quoted(&answers.command);
    // Next to production's port, and never beyond the last one.
    let port = if answers.port == u16::MAX { answers.port - 1 } else { answers.port + 1 };
    format!(
        r#"  # Where the way back is rehearsed and timed before it is needed.
  staging:
    router:
      edge: {{ listen: 127.0.0.1:{port} }}
    workload:
      process: {{ command: {command}, ready: /healthz/ready }}
    metrics: {{ scrape: {{ path: /metrics }}, interval: 5s }}
"#
    )
}

fn production(answers: &Answers) -> String {
    let command = quoted(&answers.command);
    let router = router(answers);
    let metrics = match answers.metrics {
        MetricsChoice::Scrape => "{ scrape: { path: /metrics }, interval: 5s }",
        MetricsChoice::Prometheus => {
            "{ prometheus: { url: \"http://127.0.0.1:9090\", version_label: version }, interval: 5s }"
        }
    };
    format!(
        r#"  # Where the users are.
  production:
    router:
{router}
    # Two versions run side by side, so the command needs {{port}}, and {{version}} or {{artifact}}.
    workload:
      process:
        command: {command}
        ready: /healthz/ready
        ready_within: 1m
        # Two of each version, so that evidence can tell a slow process from a slow version.
        instances: 2
        # Names of environment variables handed on to the process; nothing else is.
        environment: []
    metrics: {metrics}
    # Asked of every instance before a version counts as healthy, and again after a rollback.
    probes:
      - /healthz/ready
    # A freeze stops forward motion, never the way back.
    # freeze:
    #   - {{ from: "0 16 * * FRI", until: "0 8 * * MON", zone: Europe/Berlin, reason: weekend }}
    # Who is told. Keep secret addresses out of this file: `env:NAME` names a variable that holds one.
    # notify:
    #   - slack: env:SLACK_URL
    # Needed as soon as a change goes back by a flag (here and in staging):
    # flags: {{ set: "bin/flag set {{flag}} {{state}}", get: "bin/flag get {{flag}}" }}
"#
    )
}

fn router(answers: &Answers) -> String {
    let Answers { service, port, .. } = answers;
    match answers.router {
        RouterChoice::Edge => format!(
            "      # Ripcord's own splitter; users connect here.\n      edge: {{ listen: 127.0.0.1:{port}, sticky: cookie }}"
        ),
        RouterChoice::Nginx => format!(
            "      # Ripcord owns the include file and nothing else of nginx; the probe reads back what is in force.\n      \
             nginx:\n        split: conf/{service}-split.conf\n        test: nginx -t\n        reload: nginx -s reload\n        \
             probe: \"http://127.0.0.1:{port}/\""
        ),
    }
}
