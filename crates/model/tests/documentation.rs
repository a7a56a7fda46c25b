//! What `docs/files.md` shows is true: its files lint clean and compile, and every rule in its table is one.

use ripcord_model::{
    CompileContext, blueprint::Rule, compile, diagnostic::Diagnostics, lint, read_plan, read_service,
    source::SourceFile,
};

const FILES: &str = include_str!("../../../docs/files.md");

/// The YAML blocks of the page, one after the other.
fn examples() -> impl Iterator<Item = &'static str> {
    FILES.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap())
}

fn example(beginning: &str) -> &'static str {
    examples().find(|text| text.starts_with(beginning)).unwrap()
}

fn findings(service: &str) -> Diagnostics {
    let service = SourceFile::new("ripcord.yaml", service);
    let plan = SourceFile::new("releases/exam-submit-v2.yaml", example("release:"));
    let service_file = read_service(&service).unwrap_or_else(|errors| panic!("{errors}"));
    let plan_file = read_plan(&plan).unwrap_or_else(|errors| panic!("{errors}"));
    compile(&service_file, &plan_file, &CompileContext::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    lint((&service, &service_file), &[(&plan, &plan_file)])
}

#[test]
fn the_documented_files_lint_clean_with_and_without_the_evidence_block() {
    let service = example("service:");
    let found = findings(service);
    assert!(found.is_empty(), "{found}");
    let found = findings(&format!("{service}{}", example("evidence:")));
    assert!(found.is_empty(), "{found}");
}

#[test]
fn every_documented_rule_is_a_rule() {
    let table = FILES.split("### Rules").nth(1).unwrap().split("###").next().unwrap();
    let rules: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| line.split('`').next().unwrap())
        .collect();
    assert!(rules.len() >= 8, "{rules:?}");
    for rule in rules {
        assert_eq!(rule.parse::<Rule>().unwrap_or_else(|error| panic!("{error}")).to_string(), rule);
    }
}

/// Words in code that look like codes lead to a page.
#[test]
fn every_code_that_is_mentioned_exists() {
    let mut mentioned = 0;
    for (at, _) in FILES.match_indices("RC0") {
        let code = &FILES[at..at + 6];
        assert!(ripcord_model::explain(code).is_some(), "there is no {code}");
        mentioned += 1;
    }
    assert!(mentioned > 20);
}
