use super::*;
use crate::{
    Duration, Level, Share,
    blueprint::{AdvanceOn, EvidencePlan, Measure, Rule, WayBackAction},
    read_plan, read_service,
    source::SourceFile,
};

const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");
const PLAN: &str = include_str!("../../tests/files/clean/exam-submit-v2.yaml");

fn context() -> CompileContext {
    let last_good = Artifact {
        version: VersionName::new("v1").unwrap(),
        artifact: Some("bin/exams-v1".to_owned()),
        digest: Some("sha256:11".to_owned()),
    };
    let sources = BTreeMap::from([("ripcord.yaml".to_owned(), "00".to_owned())]);
    CompileContext {
        last_good: Some(last_good),
        sources,
        ripcord_version: "0.1.0".to_owned(),
        templates: Vec::new(),
    }
}

fn compiled(service: &str, plan: &str) -> Result<Blueprint, Diagnostics> {
    let service =
        read_service(&SourceFile::new("ripcord.yaml", service)).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = SourceFile::new("releases/exam-submit-v2.yaml", plan);
    let plan = read_plan(&plan).unwrap_or_else(|errors| panic!("{errors}"));
    compile(&service, &plan, &context())
}

#[test]
fn the_way_back_stops_the_bleeding_first_and_verifies_last() {
    let blueprint = compiled(SERVICE, PLAN).unwrap_or_else(|errors| panic!("{errors}"));
    let steps: Vec<(&str, bool)> =
        blueprint.way_back.steps.iter().map(|step| (step.id.as_str(), step.stops_bleeding)).collect();
    let expected = [
        ("flag-exam-submit-v2", true),
        ("traffic", true),
        ("withdraw", false),
        ("migration-attempts", false),
        ("recovery", false),
    ];
    assert_eq!(steps, expected);
    assert_eq!(blueprint.way_back.level, Level::Migration);
    assert_eq!(blueprint.way_back.recovery, Duration::from_mins(2));
    let sum: u64 = blueprint.way_back.steps.iter().map(|step| step.budget.as_ms()).sum();
    assert_eq!(blueprint.way_back.budget.as_ms(), sum);
}

#[test]
fn traffic_is_part_of_every_way_back() {
    let start = PLAN.find("  - { id: attempts").unwrap();
    let end = PLAN.find("runbook:").unwrap();
    let only_flag = format!("{}{}", &PLAN[..start], &PLAN[end..]);
    let blueprint = compiled(SERVICE, &only_flag).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(blueprint.way_back.steps.iter().any(|step| step.action == WayBackAction::TrafficToLastGood));
    assert_eq!(blueprint.way_back.level, Level::Deploy);
}

#[test]
fn presets_never_skip_and_end_with_everything() {
    for preset in ["standard", "small"] {
        let blueprint =
            compiled(SERVICE, &PLAN.replace("stages: standard", &format!("stages: {preset}"))).unwrap();
        let shares: Vec<Share> = blueprint.stages.iter().map(|stage| stage.share).collect();
        assert_eq!(shares, [1, 10, 50, 100].map(Share::percent), "{preset}");
    }
    let standard = compiled(SERVICE, PLAN).unwrap();
    let dwell: Vec<String> = standard.stages.iter().map(|stage| stage.dwell.to_string()).collect();
    assert_eq!(dwell, ["30m", "2h", "4h", "1d"]);
}

#[test]
fn thresholds_of_the_plan_join_the_rules_of_the_service() {
    let blueprint = compiled(SERVICE, PLAN).unwrap();
    let rules: Vec<String> = blueprint.signals[0].rollback.iter().map(Rule::to_string).collect();
    assert_eq!(rules, ["worse than control by 20%", "above 5% for 5m", "above 3% for 2m"]);
    assert_eq!(blueprint.false_rollback, 0.001);
}

#[test]
fn what_ripcord_saw_of_last_good_completes_what_the_plan_says() {
    let blueprint = compiled(SERVICE, PLAN).unwrap();
    assert_eq!(blueprint.last_good, context().last_good);
    let other =
        compiled(SERVICE, &PLAN.replace("last_good: v1", "last_good: v0")).unwrap().last_good.unwrap();
    assert_eq!((other.version.as_str(), other.artifact, other.digest), ("v0", None, None));
    let elsewhere = PLAN.replace("last_good: v1", "last_good: { version: v1, artifact: other }");
    let elsewhere = compiled(SERVICE, &elsewhere).unwrap().last_good.unwrap();
    assert_eq!((elsewhere.artifact.as_deref(), elsewhere.digest), (Some("other"), None));
    let unsaid = compiled(SERVICE, &PLAN.replace("last_good: v1\n", "")).unwrap();
    assert_eq!(unsaid.last_good, context().last_good);
}

#[test]
fn a_release_of_what_already_runs_is_refused() {
    let plan = PLAN.replace("last_good: v1\n", "").replace("version: v2", "version: v1");
    let errors = compiled(SERVICE, &plan).unwrap_err();
    assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [Code::SAME_VERSION]);
}

#[test]
fn an_error_of_lint_is_an_error_here_and_a_warning_is_not() {
    let errors = compiled(SERVICE, &PLAN.replace("level: migration, ", "")).unwrap_err();
    assert!(
        errors.iter().all(Diagnostic::is_error) && errors.iter().any(|error| error.code == Code::NO_LEVEL)
    );
    assert!(compiled(SERVICE, &PLAN.replace("on_call: ran\n", "")).is_ok());
    let errors = compiled(&SERVICE.replace("  production:", "  prod:"), PLAN).unwrap_err();
    assert!(errors.iter().any(|error| error.code == Code::NO_PRODUCTION));
}

#[test]
fn approvers_default_to_those_who_answer_for_deep_steps() {
    let unsaid = PLAN.replace("approvers: [lea]\n", "");
    let names: Vec<String> =
        compiled(SERVICE, &unsaid).unwrap().approvers.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["data"]);
}

#[test]
fn what_was_made_last_is_undone_first_and_data_after_schemas() {
    let more = "  - { id: grades, class: schema, migrations: migrations, from: \"0042\", to: \"0043\", back: { level: migration } }\n  - { id: scores, class: data, back: { level: data } }\nrunbook:";
    let blueprint =
        compiled(SERVICE, &PLAN.replace("runbook:", more)).unwrap_or_else(|errors| panic!("{errors}"));
    let ids: Vec<&str> = blueprint.way_back.steps.iter().map(|step| step.id.as_str()).collect();
    let expected = [
        "flag-exam-submit-v2",
        "traffic",
        "withdraw",
        "migration-grades",
        "migration-attempts",
        "data-scores",
        "recovery",
    ];
    assert_eq!(ids, expected);
    assert_eq!(blueprint.way_back.level, Level::Data);
}

#[test]
fn evidence_is_weighed_by_defaults_unless_the_service_says_otherwise() {
    let standard = compiled(SERVICE, PLAN).unwrap().evidence;
    let usual = EvidencePlan::default();
    assert_eq!(
        (standard.contain, standard.advance, standard.guard, standard.dispersion, standard.advance_on),
        (usual.contain, usual.advance, usual.guard, usual.dispersion, AdvanceOn::Limits)
    );
    // 6.5 h at 5 s: the day of validation has nothing to compare with.
    assert_eq!((standard.warm_up, standard.planned_blocks), (Duration::from_mins(1), 390 * 60 / 5));
    let small = compiled(SERVICE, &PLAN.replace("stages: standard", "stages: small")).unwrap().evidence;
    assert_eq!((small.warm_up, small.planned_blocks), (Duration::from_secs(30), 50 * 60 / 5));
    let said = "evidence: { warm_up: 0s, dispersion: 2, contain: 10%, advance: 1%, guard: 2% }\n";
    let said = compiled(&format!("{SERVICE}{said}"), &format!("{PLAN}advance: evidence\n")).unwrap().evidence;
    assert_eq!((said.warm_up, said.dispersion), (Duration::ZERO, 2.0));
    assert_eq!((said.contain, said.advance, said.guard), (0.1, 0.01, 0.02));
    assert_eq!(said.advance_on, AdvanceOn::Evidence);
}

#[test]
fn a_baseline_is_measured_only_when_a_rule_needs_one() {
    let baseline = |service: &str, plan: &str| compiled(service, plan).unwrap().evidence.baseline;
    let said = format!("{SERVICE}evidence: {{ baseline: 30m }}\n");
    assert_eq!(baseline(SERVICE, PLAN), None);
    assert_eq!(baseline(&said, PLAN), None);
    for rule in ["worse than baseline by 20%", "above 2x baseline for 3m"] {
        let service = SERVICE.replace("above 5% for 5m", rule);
        assert_eq!(baseline(&service, PLAN), Some(Duration::from_mins(60)), "{rule}");
        let plan = PLAN.replace("above 3% for 2m", rule);
        assert_eq!(baseline(&said, &plan), Some(Duration::from_mins(30)), "{rule} in a plan");
    }
}

#[test]
fn labels_and_measures_arrive_as_they_were_written() {
    let service = SERVICE
        .replace("count: support_tickets_total", "count: { of: support_tickets_total, per: sessions_total }")
        .replace("    window: 2m\n", "    window: 2m\n    variant_label: release\n");
    let signals = compiled(&service, PLAN).unwrap_or_else(|errors| panic!("{errors}")).signals;
    assert_eq!(signals[1].variant_label.as_deref(), Some("release"));
    assert_eq!((&signals[0].variant_label, &signals[2].variant_label), (&None, &None));
    let (counter, per) = ("support_tickets_total".to_owned(), Some("sessions_total".to_owned()));
    assert_eq!(signals[2].measure, Measure::Count { counter, per });
}
