//! Blueprints from the files people write.

use ripcord_model::{
    Duration, SignalName,
    blueprint::{Artifact, Blueprint},
    compile::{CompileContext, compile},
    read_plan, read_service,
    source::SourceFile,
};
use ripcord_power::{Load, Power, RulePower, Sight, SignalLoad, power};

const SERVICE: &str = r#"
service: exams
owner: maya
environments:
  staging:
    router: { edge: { listen: 127.0.0.1:8081 } }
    workload: { process: { command: "exams {version} {port}", ready: /ready } }
    metrics: { scrape: { path: /metrics }, interval: 5s }
  production:
    router: { edge: { listen: 127.0.0.1:8080 } }
    workload: { process: { command: "exams {version} {port}", ready: /ready, instances: 2 } }
    metrics: { scrape: { path: /metrics }, interval: 5s }
signals:
SIGNALS
"#;

const PLAN: &str = r#"
release: next
version: v2
last_good: v1
owner: maya
on_call: ran
false_rollback: 0.1%
changes:
  - { id: a, class: code, summary: s, back: { level: deploy, budget: 2m } }
stages: STAGES
"#;

/// One ratio signal called `errors` with one rule.
pub fn errors(rule: &str) -> String {
    format!("  errors: {{ harm: user, ratio: {{ bad: b, all: a }}, rollback: \"{rule}\" }}")
}

/// The blueprint of a plan with these signals and stages, as they are written. Nothing warms up.
pub fn blueprint(signals: &str, stages: &str) -> Blueprint {
    let service = SourceFile::new("ripcord.yaml", SERVICE.replace("SIGNALS", signals));
    let plan = SourceFile::new("releases/next.yaml", PLAN.replace("STAGES", stages));
    let service = read_service(&service).expect("the service is well-formed");
    let plan = read_plan(&plan).expect("the plan is well-formed");
    let version = "v1".parse().expect("a version");
    let context = CompileContext {
        last_good: Some(Artifact { version, artifact: None, digest: None }),
        sources: Default::default(),
        ripcord_version: "0".to_owned(),
        templates: Vec::new(),
    };
    let mut blueprint = compile(&service, &plan, &context).expect("the plan compiles");
    blueprint.evidence.warm_up = Duration::ZERO;
    blueprint
}

/// A load with base rates by signal.
pub fn load(requests_per_second: f64, rates: &[(&str, f64)]) -> Load {
    let signals = rates
        .iter()
        .map(|(name, base_rate)| {
            let name = SignalName::new(*name).expect("a name");
            (name, SignalLoad { events_per_second: None, base_rate: *base_rate })
        })
        .collect();
    Load { requests_per_second, signals, instances: None }
}

/// Of a usable load.
pub fn seen(blueprint: &Blueprint, load: &Load) -> Power {
    power(blueprint, load).expect("a usable load")
}

/// What a rule sees of a regression in a stage, counted from 1.
pub fn sight(rule: &RulePower, stage: usize, times: f64) -> &Sight {
    let regressions = &rule.stages[stage - 1].regressions;
    &regressions.iter().find(|regression| regression.times == times).expect("a size that is looked at").sight
}
