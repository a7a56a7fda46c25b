use std::collections::BTreeSet;

use super::*;
use crate::{all_codes, read_plan, read_service};

/// A service without blind spots.
const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");
/// A plan without blind spots.
const PLAN: &str = include_str!("../../tests/files/clean/exam-submit-v2.yaml");

fn findings(service: &str, plan: &str) -> Diagnostics {
    let service = SourceFile::new("ripcord.yaml", service);
    let plan = SourceFile::new("releases/exam-submit-v2.yaml", plan);
    let service_file = read_service(&service).unwrap_or_else(|errors| panic!("{errors}"));
    let plan_file = read_plan(&plan).unwrap_or_else(|errors| panic!("{errors}"));
    lint((&service, &service_file), &[(&plan, &plan_file)])
}

fn replace(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in the file");
    text.replacen(from, to, 1)
}

/// What is replaced in `ripcord.yaml`, the code that must be found and the line of the place.
const SERVICE_CASES: &[(&str, &str, Code, &str)] = &[
    ("  production:", "  prod:", Code::NO_PRODUCTION, "  staging:"),
    ("  staging:", "  testing:", Code::NO_STAGING, "service: exams"),
    ("    rollback: \"above 3 in 30m\"\n", "", Code::UNUSED_SIGNAL, "  complaints:"),
    ("\"0 16 * * FRI\"", "\"0 16 31 2 *\"", Code::FREEZE_NEVER_OPENS, "reason: weekend"),
    ("\"0 8 * * MON\"", "\"0 8 30 2 *\"", Code::FREEZE_NEVER_OPENS, "reason: weekend"),
    ("\"0 8 * * MON\"", "\"0 16 * * FRI\"", Code::FREEZE_NEVER_OPENS, "reason: weekend"),
    ("above 3 in 30m", "over 1%", Code::RULE_DOES_NOT_FIT, "over 1%"),
    ("above 2x control for 3m", "over 1%", Code::RULE_DOES_NOT_FIT, "over 1%"),
    ("worse than control by 20%", "over 100%", Code::RULE_DOES_NOT_FIT, "over 100%"),
    ("above 3 in 30m", "above 3% for 30m", Code::RULE_DOES_NOT_FIT, "above 3% for 30m"),
    ("above 2x control for 3m", "above 3 in 3m", Code::RULE_DOES_NOT_FIT, "above 3 in 3m"),
    ("above 2x control for 3m", "above 3% for 3m", Code::RULE_DOES_NOT_FIT, "above 3% for 3m"),
    ("above 1% for 1m", "above 300ms for 1m", Code::RULE_DOES_NOT_FIT, "above 300ms for 1m"),
    ("above 1% for 1m", "above 100% for 1m", Code::DEAD_LIMIT, "above 100% for 1m"),
    ("above 1% for 1m", "above -1% for 1m", Code::DEAD_LIMIT, "above -1% for 1m"),
    ("above 2x control for 3m", "below 0 for 3m", Code::DEAD_LIMIT, "below 0 for 3m"),
    ("worse than control by 20%", "worse than control by 0%", Code::NO_MARGIN, "by 0%"),
    ("worse than control by 20%", "worse than baseline by 0%", Code::NO_MARGIN, "by 0%"),
    ("signals:\n", "evidence: { baseline: 9s }\nsignals:\n", Code::TOO_SHORT_FOR_INTERVAL, "baseline: 9s"),
    ("above 1% for 1m", "above 1% for 9s", Code::TOO_SHORT_FOR_INTERVAL, "above 1% for 9s"),
    ("bin/exams-{version} --port {port}", "bin/exams-{version}", Code::COMMAND_IGNORES_VERSION, "workload:"),
    (
        "bin/exams-{version} --port {port}",
        "bin/exams --port {port}",
        Code::COMMAND_IGNORES_VERSION,
        "workload:",
    ),
    (
        "process: { command: \"bin/exams-{version} --port {port}\", instances: 2",
        "process: { command: \"bin/exams-{version} --port {port}\", instances: 1",
        Code::NO_GUARD,
        "instances: 1",
    ),
    ("env:SLACK_URL", "https://hooks.slack.com/services/T/B/x", Code::SECRET_IN_FILE, "slack:"),
    (
        "signals:\n",
        "gate: { capacity: room above 20% for 5m }\nsignals:\n",
        Code::CAPACITY_UNANSWERABLE,
        "capacity: room",
    ),
    (
        "signals:\n",
        "gate: { capacity: complaints above 3 for 5m }\nsignals:\n",
        Code::CAPACITY_UNANSWERABLE,
        "capacity: complaints",
    ),
];

const PLAN_CASES: &[(&str, &str, Code, &str)] = &[
    ("level: migration, budget", "budget", Code::NO_LEVEL, "id: attempts"),
    ("level: flag, flag: exam-submit-v2", "level: data", Code::IMPOSSIBLE_LEVEL, "level: data"),
    ("level: migration", "level: deploy", Code::IMPOSSIBLE_LEVEL, "level: deploy"),
    ("class: schema", "class: schema, reversibility: one-way", Code::IMPOSSIBLE_LEVEL, "level: migration"),
    (
        ", contain: \"stop",
        ", reversibility: partial, summary: \"stop",
        Code::NO_CONTAINMENT,
        "reversibility: partial",
    ),
    (
        "back: { level: migration, budget: 10m, owner: data }, contain: \"stop the attempt writer\"",
        "reversibility: one-way",
        Code::NO_CONTAINMENT,
        "reversibility: one-way",
    ),
    (
        "stages: standard",
        "stages: [{share: 1%, for: 1m}, {share: 5%, for: 1m}, {share: 100%, for: 1m}]",
        Code::SKIPS_TO_ALL,
        "stages:",
    ),
    ("stages: standard", "stages: [{share: 100%, for: 1m}]", Code::SKIPS_TO_ALL, "stages:"),
    (
        "stages: standard",
        "stages: [{share: 50%, for: 1m}, {share: 100%, for: 1m}]",
        Code::TOO_FEW_STAGES,
        "stages:",
    ),
    ("stages: standard", "stages: []", Code::TOO_FEW_STAGES, "stages:"),
    (
        "stages: standard",
        "stages: [{share: 20%, for: 1m}, {share: 20%, for: 1m}, {share: 100%, for: 1m}]",
        Code::SHARES_DO_NOT_GROW,
        "stages:",
    ),
    (
        "stages: standard",
        "stages: [{share: 0%, for: 1m}, {share: 20%, for: 1m}, {share: 100%, for: 1m}]",
        Code::SHARES_DO_NOT_GROW,
        "stages:",
    ),
    (
        "stages: standard",
        "stages: [{share: 1%, for: 1m}, {share: 20%, for: 1m}, {share: 90%, for: 1m}]",
        Code::LAST_STAGE_NOT_ALL,
        "stages:",
    ),
    (
        "stages: standard",
        "stages: [{share: 1%}, {share: 20%, for: 1m}, {share: 100%, for: 1m}]",
        Code::STAGE_PROVES_NOTHING,
        "stages:",
    ),
    ("level: flag, flag: exam-submit-v2", "level: deploy", Code::CRITICAL_WITHOUT_FLAG, "level: deploy"),
    ("class: code", "class: data", Code::CRITICAL_WITHOUT_FLAG, "critical_path"),
    ("signals: [submit-errors]", "signals: [submit-error]", Code::UNKNOWN_SIGNAL, "submit-error]"),
    ("thresholds: { submit-errors:", "thresholds: { errors:", Code::UNKNOWN_SIGNAL, "thresholds:"),
    ("above 3% for 2m", "above 100% for 2m", Code::DEAD_LIMIT, "above 100% for 2m"),
    ("above 3% for 2m", "above 3% for 9s", Code::TOO_SHORT_FOR_INTERVAL, "above 3% for 9s"),
    ("above 3% for 2m", "worse than control by 0%", Code::NO_MARGIN, "by 0%"),
    ("above 3% for 2m", "over 100%", Code::RULE_DOES_NOT_FIT, "over 100%"),
    ("above 3% for 2m", "above 300ms for 2m", Code::RULE_DOES_NOT_FIT, "above 300ms for 2m"),
    ("approvers: [lea]", "approvers: [maya]", Code::OWNER_APPROVES_ALONE, "approvers:"),
    ("level: flag, flag: exam-submit-v2", "level: flag", Code::NO_FLAG_KEY, "level: flag"),
    ("on_call: ran\n", "", Code::NO_ON_CALL, "owner: maya"),
    ("recovery: 2m", "blind: { after: 5m, deadline: 1m }", Code::BLIND_CONTRADICTS, "blind:"),
    ("recovery: 2m", "blind: { after: 1s }", Code::BLIND_CONTRADICTS, "blind:"),
    ("release: exam-submit-v2", "release: exam-submit-v3", Code::FILE_NAME_DIFFERS, "release:"),
    ("last_good: v1", "last_good: v2", Code::SAME_VERSION, "last_good:"),
    (", to: \"0042\"", "", Code::NO_MIGRATIONS, "level: migration"),
    (
        "back: { level: migration, budget: 10m, owner: data }",
        "reversibility: one-way",
        Code::ONE_WAY_NOT_ACCEPTED,
        "reversibility: one-way",
    ),
    (
        "back: { level: migration, budget: 10m, owner: data }",
        "reversibility: one-way, accepted_risk: { by: maya, reason: fine }",
        Code::RISK_ACCEPTED_BY_OWNER,
        "by: maya",
    ),
    (
        "contain: \"stop the attempt writer\"",
        "accepted_risk: { by: lea, reason: fine }",
        Code::RISK_NOT_ONE_WAY,
        "by: lea",
    ),
];

fn expect(service: &str, plan: &str, text: &str, code: Code, line: &str) -> Code {
    let found = findings(service, plan);
    let diagnostic = found.iter().find(|diagnostic| diagnostic.code == code);
    let diagnostic = diagnostic.unwrap_or_else(|| panic!("{code} not found, but: {found}"));
    let written = text.lines().nth(diagnostic.line as usize - 1).unwrap();
    assert!(format!("{written}\n").contains(line), "{code} points at `{written}`, not at `{line}`");
    assert!(diagnostic.expected.is_some(), "{code} does not say what was expected");
    code
}

#[test]
fn a_clean_service_and_plan_have_no_blind_spot() {
    let found = findings(SERVICE, PLAN);
    assert!(found.is_empty(), "{found}");
}

/// Those that need more than one change to the files, and what is next to them and no blind spot.
fn blind_spots_of_evidence() -> BTreeSet<Code> {
    let mut seen = BTreeSet::new();
    let scraped = replace(SERVICE, "{ prometheus: { url: \"http://127.0.0.1:9090\" } }", "{ scrape: {} }");
    for rule in ["worse than baseline by 20%", "above 2x baseline for 3m"] {
        let remembers = replace(SERVICE, "above 5% for 5m", rule);
        assert!(findings(&remembers, PLAN).is_empty(), "Prometheus remembers");
        let forgets = replace(&scraped, "above 5% for 5m", rule);
        seen.insert(expect(&forgets, PLAN, &forgets, Code::BASELINE_NOT_REMEMBERED, "baseline"));
    }
    let waits = replace(PLAN, "stages:", "advance: evidence\nstages:");
    assert!(findings(SERVICE, &waits).is_empty(), "there is evidence to wait for");
    let plain = replace(SERVICE, "\"worse than control by 20%\", ", "");
    seen.insert(expect(&plain, &waits, &waits, Code::ADVANCE_WITHOUT_EVIDENCE, "advance: evidence"));
    let contained = replace(SERVICE, "    hold:", "    contain: worse than control by 20%\n    hold:");
    let careless = replace(PLAN, "false_rollback: 0.1%", "false_rollback: 6%");
    assert!(findings(SERVICE, &careless).is_empty(), "nothing contains by evidence");
    seen.insert(expect(&contained, &careless, &careless, Code::CONTAIN_AFTER_ROLLBACK, "false_rollback: 6%"));
    let even = replace(PLAN, "false_rollback: 0.1%", "false_rollback: 5%");
    assert!(findings(&contained, &even).is_empty(), "as much evidence for one as for the other");
    let unsaid = replace(PLAN, "false_rollback: 0.1%\n", "");
    let strict = format!("{contained}evidence: {{ contain: 0.01% }}\n");
    expect(&strict, &unsaid, &unsaid, Code::CONTAIN_AFTER_ROLLBACK, "release: exam-submit-v2");
    let alone = replace(SERVICE, "instances: 2", "instances: 1");
    let over = replace(&alone, "worse than control by 20%", "over 2%");
    assert!(findings(&over, PLAN).is_empty(), "a fixed limit compares with nobody");
    let slow = format!("{SERVICE}evidence: {{ warm_up: 30m }}\n");
    expect(&slow, PLAN, PLAN, Code::STAGE_PROVES_NOTHING, "stages: standard");
    seen
}

/// What is asked of people and paper, and what is next to it and no blind spot.
fn blind_spots_of_paper() -> BTreeSet<Code> {
    let mut seen = BTreeSet::new();
    let asking = |keys: &str| format!("{SERVICE}gate: {{ {keys} }}\n");
    let ticket = asking("ticket: required");
    seen.insert(expect(&ticket, PLAN, PLAN, Code::NO_TICKET, "release:"));
    assert!(findings(&ticket, &replace(PLAN, "stages:", "ticket: CHG-1\nstages:")).is_empty());
    let approvals = asking("approvals: 1");
    seen.insert(expect(&approvals, PLAN, PLAN, Code::TOO_FEW_APPROVERS, "approvers: [lea]"));
    let enough = replace(PLAN, "approvers: [lea]", "approvers: [lea, tom]");
    assert!(findings(&approvals, &enough).is_empty(), "two are named, besides the owner");
    assert!(findings(&asking("approvals: { data: 5 }"), PLAN).is_empty(), "no data is changed");
    expect(&asking("approvals: { schema: 2 }"), &enough, &enough, Code::TOO_FEW_APPROVERS, "approvers:");
    let open = |from: &str| {
        let window =
            format!("    window: [{{ from: \"{from}\", until: \"0 16 * * *\", zone: Europe/Berlin }}]\n");
        replace(SERVICE, "    freeze:", &format!("{window}    freeze:"))
    };
    assert!(findings(&open("0 9 * * *"), PLAN).is_empty());
    let never = open("0 9 30 2 *");
    seen.insert(expect(&never, PLAN, &never, Code::WINDOW_NEVER_OPENS, "0 9 30 2 *"));
    let reviewed = asking("config_diff: reviewed");
    assert!(findings(&reviewed, PLAN).is_empty(), "there is a staging");
    let alone = replace(&reviewed, "  staging:", "  testing:");
    seen.insert(expect(&alone, PLAN, &alone, Code::NOTHING_TO_COMPARE, "config_diff: reviewed"));
    seen
}

#[test]
fn every_blind_spot_is_found_in_its_place() {
    let mut seen = BTreeSet::new();
    for (from, to, code, line) in SERVICE_CASES {
        let service = replace(SERVICE, from, to);
        seen.insert(expect(&service, PLAN, &service, *code, line));
    }
    for (from, to, code, line) in PLAN_CASES {
        let plan = replace(PLAN, from, to);
        seen.insert(expect(SERVICE, &plan, &plan, *code, line));
    }
    let service = SERVICE.replace("rollback:", "contain:");
    let quiet = replace(PLAN, ", thresholds: { submit-errors: above 3% for 2m }", "");
    seen.insert(expect(&service, &quiet, &service, Code::NO_ROLLBACK_RULE, "submit-errors:"));
    let bad = "{ bad: 'exam_submit_total{outcome=\"error\"}'";
    let more_is_better = replace(SERVICE, bad, "{ good: submitted_total");
    expect(&more_is_better, &quiet, &more_is_better, Code::RULE_DOES_NOT_FIT, "above 5% for 5m");
    let all_lost = replace(&more_is_better, "worse than control by 20%", "worse than control by 100%");
    expect(&all_lost, &quiet, &all_lost, Code::RULE_DOES_NOT_FIT, "by 100%");
    let start = SERVICE.find("    flags:").unwrap();
    let end = start + SERVICE[start..].find("\n    probes").unwrap() + 1;
    let without_flags = format!("{}{}", &SERVICE[..start], &SERVICE[end..]);
    seen.insert(expect(&without_flags, PLAN, PLAN, Code::NO_FLAGS_BINDING, "level: flag"));
    let changes = PLAN.find("changes:").unwrap()..PLAN.find("runbook:").unwrap();
    let nothing = PLAN.replace(&PLAN[changes], "changes: []\n");
    seen.insert(expect(SERVICE, &nothing, &nothing, Code::NO_CHANGES, "release:"));
    let nobody = replace(&replace(PLAN, "approvers: [lea]\n", ""), ", owner: data", "");
    seen.insert(expect(SERVICE, &nobody, &nobody, Code::NO_APPROVER, "level: migration"));
    seen.extend(blind_spots_of_evidence());
    seen.extend(blind_spots_of_paper());
    // What is wrong in runbooks, with channels, in flags and in migrations is found, and tested, elsewhere.
    let elsewhere =
        |code: &Code| ["RC04", "RC06", "RC08", "RC09"].iter().any(|part| code.as_str().starts_with(part));
    let of_plans = |code: &Code| code.as_str() >= "RC0200" && !elsewhere(code);
    let lint_codes: BTreeSet<Code> = all_codes().filter(of_plans).collect();
    assert_eq!(seen, lint_codes, "a code of lint has no case here");
}

#[test]
fn many_blind_spots_are_all_reported_at_once() {
    let plan = PLAN_CASES[..2].iter().fold(PLAN.to_owned(), |plan, (from, to, ..)| replace(&plan, from, to));
    let plan = replace(&plan, "on_call: ran\n", "");
    let service = replace(SERVICE, "    rollback: \"above 3 in 30m\"\n", "");
    let found: BTreeSet<Code> = findings(&service, &plan).iter().map(|diagnostic| diagnostic.code).collect();
    let expected = [Code::NO_LEVEL, Code::IMPOSSIBLE_LEVEL, Code::NO_ON_CALL, Code::UNUSED_SIGNAL];
    assert!(expected.iter().all(|code| found.contains(code)), "{found:?}");
}
