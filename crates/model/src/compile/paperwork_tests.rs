use crate::{
    ChangeClass, CompileContext, Level, Reversibility,
    blueprint::{Blueprint, Matrix, RecordKind, Rehearsed, WayBackAction},
    compile, read_plan, read_service,
    source::SourceFile,
};

const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");
const PLAN: &str = include_str!("../../tests/files/clean/exam-submit-v2.yaml");

fn compiled(service: &str, plan: &str) -> Blueprint {
    let service = SourceFile::new("ripcord.yaml", service);
    let plan = SourceFile::new("releases/exam-submit-v2.yaml", plan);
    let service = read_service(&service).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = read_plan(&plan).unwrap_or_else(|errors| panic!("{errors}"));
    compile(&service, &plan, &CompileContext::default()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The plan with these changes instead of its own.
fn changing(changes: &str) -> String {
    let range = PLAN.find("changes:").unwrap()..PLAN.find("runbook:").unwrap();
    PLAN.replace(&PLAN[range], &format!("changes:\n{changes}"))
}

#[test]
fn a_plan_that_only_changes_configuration_is_a_release_like_any_other() {
    let change = "  - { id: waf-rules, class: config, back: { level: flag, flag: waf-v2, budget: 30s } }\n";
    let blueprint = compiled(SERVICE, &changing(change));
    let shares: Vec<String> = blueprint.stages.iter().map(|stage| stage.share.to_string()).collect();
    assert_eq!(shares, ["1%", "10%", "50%", "100%"], "no configuration goes to everybody at once");
    assert_eq!(blueprint.way_back.level, Level::Deploy);
    assert!(blueprint.way_back.steps.iter().any(|step| step.action == WayBackAction::TrafficToLastGood));
    let matrix = Matrix::compile(&blueprint, |_| Rehearsed::No);
    assert_eq!((matrix.rows[0].class, matrix.rows[0].rehearsed), (ChangeClass::Config, Rehearsed::No));
    assert!(!matrix.reviewer && !matrix.one_way);
}

#[test]
fn the_matrix_says_per_change_what_can_be_undone_and_how() {
    let one_way = "  - { id: purge, class: data, reversibility: one-way, contain: stop the purge,
      accepted_risk: { by: tom, reason: by law } }
";
    let plan = PLAN.replace("runbook:", &format!("{one_way}runbook:"));
    let blueprint = compiled(SERVICE, &plan);
    let rehearsed = |change: &crate::blueprint::Change| match change.class {
        ChangeClass::Code => Rehearsed::Yes,
        _ => Rehearsed::Unknown,
    };
    let matrix = Matrix::compile(&blueprint, rehearsed);
    let rows: Vec<_> = matrix
        .rows
        .iter()
        .map(|row| (row.change.as_str(), row.level, row.reversibility, row.rehearsed))
        .collect();
    assert_eq!(
        rows,
        [
            ("submit-flow", Some(Level::Flag), Reversibility::Reversible, Rehearsed::Yes),
            ("attempts", Some(Level::Migration), Reversibility::Reversible, Rehearsed::Unknown),
            ("purge", None, Reversibility::OneWay, Rehearsed::Nothing),
        ]
    );
    assert_eq!((matrix.level, matrix.one_way, matrix.reviewer), (Level::Migration, true, true));
    assert_eq!(matrix.rows[2].containment.as_deref(), Some("stop the purge"));
    assert_eq!(matrix.rows[2].accepted_risk.as_ref().unwrap().by.as_str(), "tom");
    let reviewers: Vec<&str> = blueprint.reviewers().into_iter().map(|person| person.as_str()).collect();
    assert_eq!(reviewers, ["lea", "tom"], "who accepts the risk signs, too");
}

#[test]
fn approvals_are_those_of_the_strictest_class_and_one_more_for_what_is_deep() {
    let needed = |gate: &str, plan: &str| compiled(&format!("{SERVICE}{gate}"), plan).approvals_needed();
    let shallow = changing("  - { id: flow, class: code, back: { level: flag, flag: f } }\n");
    assert_eq!((needed("", &shallow), needed("", PLAN)), (0, 1), "level migration needs a reviewer");
    let asked = "gate: { approvals: 1 }\n";
    assert_eq!((needed(asked, &shallow), needed(asked, PLAN)), (1, 2));
    let by_class = "gate: { approvals: { schema: 2, data: 5 } }\n";
    assert_eq!((needed(by_class, &shallow), needed(by_class, PLAN)), (0, 3));
}

#[test]
fn the_keys_of_people_and_paper_arrive_and_are_absent_where_nobody_wrote_them() {
    let gate =
        "gate: { ticket: required, records: [test, load], on_call: acknowledged, config_diff: reviewed }\n";
    let plan = PLAN.replace("stages:", "ticket: CHG-7\nstages:");
    let paperwork = compiled(&format!("{SERVICE}{gate}"), &plan).paperwork;
    assert_eq!(paperwork.ticket.as_deref(), Some("CHG-7"));
    assert!(paperwork.ticket_required && paperwork.on_call_acknowledged && paperwork.config_diff_reviewed);
    assert_eq!(paperwork.records, [RecordKind::Test, RecordKind::Load]);
    assert_eq!(paperwork.messages, ["support", "client"]);

    let silent = PLAN.replace("  before: [support, client]\n", "");
    let blueprint = compiled(SERVICE, &silent);
    assert!(blueprint.paperwork.is_empty());
    let json = String::from_utf8(blueprint.canonical_json()).unwrap();
    for key in ["\"paperwork\"", "\"accepted_risk\"", "\"window\":["] {
        assert!(!json.contains(key), "{key} is written though nobody asked: {json}");
    }
}

#[test]
fn mistakes_in_the_keys_of_paper_have_places() {
    let service = |gate: &str| read_service(&SourceFile::new("ripcord.yaml", format!("{SERVICE}{gate}\n")));
    for (gate, text) in [
        ("gate: { ticket: maybe }", "maybe"),
        ("gate: { approvals: 11 }", "11"),
        ("gate: { approvals: { everything: 1 } }", "everything"),
        ("gate: { records: [test, test] }", "listed twice"),
        ("gate: { records: [smoke] }", "smoke"),
        ("gate: { config_diff: yes }", "yes"),
    ] {
        let errors = service(gate).unwrap_err();
        assert_eq!(errors.iter().count(), 1, "{gate}: {errors}");
        assert!(errors.to_string().contains(text) || gate.contains(text), "{gate}: {errors}");
        let line = u32::try_from(SERVICE.lines().count()).unwrap() + 1;
        assert!(errors.iter().all(|error| error.line == line), "{gate}: {errors}");
    }
    let plan = |from: &str, to: &str| read_plan(&SourceFile::new("p.yaml", PLAN.replace(from, to)));
    assert!(plan("stages:", "ticket: \"a | b\"\nstages:").is_err());
    assert!(plan("contain: ", "accepted_risk: { by: lea }, contain: ").is_err());
    assert!(plan("contain: ", "accepted_risk: lea, contain: ").is_err());
}
