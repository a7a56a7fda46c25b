//! Every page of a runbook's code is true: its example shows the code, its fix does not, and what people see of it is
//! checked in.
//!
//! `UPDATE=1 cargo test -p ripcord-runbook --test pages` writes the golden file anew.

use std::fmt::Write as _;

use ripcord_model::{
    all_codes,
    diagnostic::{Diagnostics, render},
    explain, read_plan, read_service,
    source::SourceFile,
};
use ripcord_runbook::{Named, lint, lint_plan, read_runbook};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/mistakes.txt");

const SERVICE: &str = "\
service: exams
owner: team-exams
environments:
  staging: { router: { edge: { listen: 127.0.0.1:8081 } }, workload: { process: { command: \"x {port} {version}\", ready: / } }, metrics: { scrape: { path: /metrics } } }
  production: { router: { edge: { listen: 127.0.0.1:8080 } }, workload: { process: { command: \"x {port} {version}\", ready: / } }, metrics: { scrape: { path: /metrics } } }
";

/// The first block below a heading of a page, with the language of its fence.
fn block<'p>(page: &'p str, heading: &str) -> (&'p str, &'p str) {
    let below = page.split_once(heading).unwrap().1;
    let fence = below.split_once("```").unwrap().1;
    let (language, rest) = fence.split_once('\n').unwrap();
    (language, rest.split_once("```").unwrap().0)
}

/// A whole runbook around an example: its front matter where it has none, and a step to begin with where it speaks of
/// something else.
fn runbook(example: &str, language: &str) -> String {
    if language == "yaml" {
        let key = example.split(':').next().unwrap();
        let lines = ["runbook: exam-submit\n", "owner: team-exams\n", "budget: 60m\n"];
        let others: String = lines.into_iter().filter(|line| !line.starts_with(key)).collect();
        return format!("---\n{example}{others}---\n{}", step("first"));
    }
    if example.starts_with("---") || example.starts_with("# ") {
        return example.to_owned();
    }
    format!("---\nrunbook: exam-submit\nowner: team-exams\nbudget: 10h\n---\n{example}")
}

fn step(id: &str) -> String {
    format!(
        "```sh {{run step={id} timeout=1m}}\ntrue\n```\n```sh {{verify step={id} timeout=1m}}\ntrue\n```\n"
    )
}

fn found(text: &str) -> Diagnostics {
    let service = read_service(&SourceFile::new("ripcord.yaml", SERVICE)).unwrap_or_else(|e| panic!("{e}"));
    match read_runbook(&SourceFile::new("runbooks/exam-submit.md", text)) {
        Ok(runbook) => lint(&runbook, Some(&service)),
        Err(found) => found,
    }
}

/// Codes that only show together with a plan are held in `plan.rs`, or need hundreds of lines.
const ELSEWHERE: [&str; 7] = ["RC0418", "RC0420", "RC0430", "RC0431", "RC0432", "RC0433", "RC0434"];

#[test]
fn every_example_shows_its_code_and_every_fix_does_not() {
    let mut written = String::new();
    for code in all_codes().filter(|code| code.as_str() >= "RC0401" && code.as_str() <= "RC0434") {
        if ELSEWHERE.contains(&code.as_str()) {
            continue;
        }
        let page = explain(code.as_str()).unwrap();
        let (language, example) = block(page, "## Example\n");
        let text = runbook(example, language);
        let mistakes = found(&text);
        assert!(mistakes.iter().any(|one| one.code == code), "{code} is not shown by:\n{text}\n{mistakes}");
        for one in mistakes.iter().filter(|one| one.code == code) {
            write!(written, "{}\n\n", render(one, &text, false)).unwrap();
        }
        let (language, fix) = block(page, "## Fix\n");
        let text = runbook(fix, language);
        let left = found(&text);
        assert!(left.iter().all(|one| one.code != code), "{code} is not fixed by:\n{text}\n{left}");
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(GOLDEN, &written).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    assert!(golden == written, "what people see differs from {GOLDEN}; now:\n{written}");
}

const PLAN: &str = "\
release: exam-submit-v2
version: v2
owner: maya
on_call: ran
critical_path: true
changes:
  - { id: submit-flow, class: code, summary: new submit flow, back: { level: flag, flag: exam-submit-v2, budget: 1m } }
  - { id: attempts, class: schema, migrations: migrations, from: \"0041\", to: \"0042\", back: { level: migration, budget: 10m, owner: data } }
runbook: runbooks/exam-submit.md
stages: standard
";
const EXAMPLE: &str = include_str!("files/exam-submit.md");

/// Codes and texts of what stands between a plan and a runbook.
fn between(plan: &str, runbook: &str) -> Vec<(String, String)> {
    let plan_file = read_plan(&SourceFile::new("releases/exam-submit-v2.yaml", plan)).unwrap();
    let read = read_runbook(&SourceFile::new("runbooks/exam-submit.md", runbook)).unwrap();
    let text = |path: &str| if path.starts_with("runbooks") { runbook } else { plan };
    let found = lint_plan(&plan_file, &Named::Read(&read));
    found.iter().map(|one| (one.code.to_string(), text(&one.path)[one.span.clone()].to_owned())).collect()
}

fn one(code: &str, text: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), text.to_owned())]
}

#[test]
fn a_plan_and_its_runbook_are_held_to_each_other() {
    let with_access = EXAMPLE.replace("budget: 6m\n", "budget: 6m\naccess: [VPN]\n");
    assert_eq!(between(PLAN, &with_access), []);
    assert_eq!(between(PLAN, EXAMPLE), one("RC0432", "exam-submit"));
    let other_flag = with_access.replace("exam-submit-v2 off", "other off");
    assert_eq!(between(PLAN, &other_flag), one("RC0431", "runbooks/exam-submit.md"));
    let not_level_flag = with_access.replace(" level=flag", "");
    assert_eq!(between(PLAN, &not_level_flag), one("RC0431", "runbooks/exam-submit.md"));
    let undo =
        |change: &str| format!("{with_access}\n```migrate {{step=undo timeout=5m}}\nundo {change}\n```\n");
    assert_eq!(between(PLAN, &undo("attempts")), []);
    assert_eq!(between(PLAN, &undo("submit-flow")), one("RC0434", "undo submit-flow"));
}

#[test]
fn a_runbook_that_is_not_there_is_told_from_one_that_is_not_named() {
    let plan = |text: &str| read_plan(&SourceFile::new("releases/exam-submit-v2.yaml", text)).unwrap();
    let codes = |plan: &str, named: Named<'_>| -> Vec<String> {
        let plan = read_plan(&SourceFile::new("releases/exam-submit-v2.yaml", plan)).unwrap();
        lint_plan(&plan, &named).iter().map(|one| format!("{} {}", one.code, one.is_error())).collect()
    };
    assert!(plan(PLAN).runbook.is_some());
    assert_eq!(codes(PLAN, Named::Missing), ["RC0430 true"]);
    assert_eq!(codes(PLAN, Named::Unreadable), Vec::<String>::new());
    let none = PLAN.replace("runbook: runbooks/exam-submit.md\n", "");
    assert_eq!(codes(&none, Named::None), ["RC0433 false"]);
    assert_eq!(codes(&none.replace("critical_path: true\n", ""), Named::None), Vec::<String>::new());
}

#[test]
fn a_budget_smaller_than_its_steps_and_a_page_that_nobody_can_follow_are_reported() {
    let short = EXAMPLE.replace("budget: 6m\n", "budget: 2m\n");
    let text = found(&short).to_string();
    assert!(text.contains("RC0420") && text.contains("2 min 30 s"), "{text}");
    let many: String = (0..101).map(|id| step(&format!("s{id}"))).collect();
    let page = format!("---\nrunbook: many\nowner: team-exams\nbudget: 1d\n---\n{many}");
    assert!(found(&page).iter().any(|one| one.code.as_str() == "RC0418"));
}

/// The files that `ripcord init` writes, whatever was answered.
#[test]
fn the_first_runbook_lints_clean_with_the_plan_it_comes_with() {
    use ripcord_model::{Answers, Person, ServiceName, init};
    let base = Answers::new(ServiceName::new("exams").unwrap(), Person::new("maya").unwrap());
    let odd =
        Answers { version: "<b>{{x}}\n# `1".to_owned(), last_good: "1.10+g3".to_owned(), ..base.clone() };
    for answers in [base, odd] {
        let files = init(&answers);
        let source = |at: usize| SourceFile::new(files[at].0.as_str(), files[at].1.as_str());
        let service = read_service(&source(0)).unwrap_or_else(|found| panic!("{found}"));
        let runbook = read_runbook(&source(2)).unwrap_or_else(|found| panic!("{found}"));
        assert!(lint(&runbook, Some(&service)).is_empty(), "{}", lint(&runbook, Some(&service)));
        if let Ok(plan) = read_plan(&source(1)) {
            assert!(lint_plan(&plan, &Named::Read(&runbook)).is_empty());
            assert_eq!(plan.runbook.unwrap().value, runbook.path);
        }
    }
}

const DOCUMENTED: &str = include_str!("../../../docs/runbooks.md");

/// The page for users shows a runbook without a mistake, and lists every role, variable, attribute and kind.
#[test]
fn what_is_documented_is_true() {
    let example = DOCUMENTED.split_once("````markdown\n").unwrap().1.split_once("````\n").unwrap().0;
    let runbook = read_runbook(&SourceFile::new("runbooks/exam-submit.md", example));
    let runbook = runbook.unwrap_or_else(|found| panic!("{found}"));
    assert!(lint(&runbook, None).is_empty(), "{}", lint(&runbook, None));
    for variable in ripcord_runbook::Variable::ALL {
        let row = format!("| `{{{{{variable}}}}}` | `{}` |", variable.environment_name());
        assert!(DOCUMENTED.contains(&row), "{row}");
    }
    for role in ripcord_runbook::Role::ALL {
        assert!(DOCUMENTED.contains(&format!("`{role}`")), "{role}");
    }
    // The reader names every attribute and kind it knows when it meets one it does not.
    for fence in
        ["sh {run step=a x}", "sh {verify step=a x}", "manual {x}", "check {x}", "template {x}", "what {x}"]
    {
        let page = format!("---\nrunbook: a\nowner: b\nbudget: 1m\n---\n```{fence}\ntrue\n```\n");
        let found = read_runbook(&SourceFile::new("runbooks/a.md", page)).unwrap_err();
        let known = found.iter().find(|one| ["RC0403", "RC0405"].contains(&one.code.as_str())).unwrap();
        let list = known.expected.as_deref().unwrap().trim_start_matches("one of: ");
        for word in
            list.split([',', ' ', '`', '{', '}', '…']).filter(|word| word.len() > 3 && *word != "with")
        {
            let documented = [format!("`{word}"), format!("{{{word}"), format!(" {word} {{")];
            assert!(documented.iter().any(|form| DOCUMENTED.contains(form)), "{word} is not documented");
        }
    }
}
