use super::*;
use crate::{
    blueprint::{Measure, MetricsKind, RouterBinding, Sticky, WorkloadBinding},
    diagnostic::Code,
};

/// The example of the documentation.
pub(crate) const EXAMS: &str = include_str!("../../tests/files/ripcord.yaml");

fn read(text: &str) -> Result<ServiceFile, Diagnostics> {
    read_service(&SourceFile::new("ripcord.yaml", text))
}

fn places(text: &str) -> Vec<(Code, u32, u32)> {
    read(text).unwrap_err().iter().map(|d| (d.code, d.line, d.column)).collect()
}

#[test]
fn the_documented_file_is_understood() {
    let file = read(EXAMS).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(file.service.as_str(), "exams");
    let staging = file.staging().unwrap();
    let RouterBinding::Edge(edge) = &staging.router else { panic!("{staging:?}") };
    assert_eq!(edge.listen.to_string(), "127.0.0.1:8080");
    assert!(matches!(edge.sticky, Sticky::Cookie(_)));
    let production = file.production().unwrap();
    let RouterBinding::Nginx(nginx) = &production.router else { panic!("{production:?}") };
    assert_eq!((nginx.split.as_str(), nginx.key.as_str()), ("conf/exams-split.conf", "$remote_addr"));
    assert!(matches!(&production.workload, WorkloadBinding::Process(process) if process.instances == 1));
    assert!(
        matches!(&production.metrics.source, MetricsKind::Prometheus { url, .. } if url == "http://127.0.0.1:9090")
    );
    assert_eq!(production.freeze.len(), 1);
    let rules: Vec<String> =
        file.signals.iter().flat_map(SignalEntry::rules).map(|rule| rule.to_string()).collect();
    let expected = [
        "worse than control by 20%",
        "above 5% for 5m",
        "above 1% for 1m",
        "above 2x control for 3m",
        "above 3 in 30m",
    ];
    assert_eq!(rules, expected);
}

#[test]
fn every_mistake_is_reported_with_its_place() {
    let text = EXAMS
        .replace("owner: team-exams", "ownr: team-exams")
        .replace("127.0.0.1:8080", "localhost")
        .replace("harm: user", "harm: users")
        .replace("q: 0.99", "q: 99")
        .replace("above 3 in 30m", "often")
        .replace("Europe/Berlin", "Europe/Atlantis");
    let errors = read(&text).unwrap_err();
    let codes: Vec<Code> = errors.iter().map(|diagnostic| diagnostic.code).collect();
    for code in [
        Code::UNKNOWN_KEY,
        Code::MISSING_KEY,
        Code::INVALID_ADDRESS,
        Code::UNKNOWN_WORD,
        Code::INVALID_NUMBER,
        Code::VAGUE_TRIGGER,
        Code::INVALID_FREEZE,
    ] {
        assert!(codes.contains(&code), "{code} is missing in {errors}");
    }
    let unknown = errors.iter().find(|diagnostic| diagnostic.code == Code::UNKNOWN_KEY).unwrap();
    assert_eq!(unknown.help.as_deref(), Some("did you mean `owner`?"));
    let vague = errors.iter().find(|diagnostic| diagnostic.code == Code::VAGUE_TRIGGER).unwrap();
    assert_eq!(&text[vague.span.clone()], "\"often\"");
}

#[test]
fn two_routers_and_none_are_errors() {
    let two = "service: a\nowner: b\nenvironments:\n  production:\n    router: { edge: { listen: 127.0.0.1:1 }, nginx: { split: x } }\n    workload: {}\n    metrics: { scrape: {} }\n";
    assert_eq!(places(two), [(Code::NOT_EXACTLY_ONE, 5, 46), (Code::NOT_EXACTLY_ONE, 6, 15)]);
}

#[test]
fn what_is_not_a_service_file_at_all() {
    assert_eq!(places(""), [(Code::ONE_DOCUMENT, 1, 1)]);
    assert_eq!(places("# nothing\n")[0].0, Code::ONE_DOCUMENT);
    assert_eq!(places("- a\n- b\n"), [(Code::WRONG_KIND, 1, 1)]);
    assert_eq!(places("service: a\n---\nservice: b\n")[0].0, Code::ONE_DOCUMENT);
    let twice = "service: a\nservice: b\nowner: x\nowner: y\nfoo: 1\n";
    let expected = [
        (Code::MISSING_KEY, 1, 1),
        (Code::DUPLICATE_KEY, 2, 1),
        (Code::DUPLICATE_KEY, 4, 1),
        (Code::UNKNOWN_KEY, 5, 1),
    ];
    assert_eq!(places(twice), expected);
    assert_eq!(places("service: [a\n")[0].0, Code::NOT_YAML);
    assert_eq!(places("service: \"a\n")[0].0, Code::NOT_YAML);
}

#[test]
fn a_file_cannot_write_escapes_to_a_reader_s_terminal() {
    let text = "service: \"a\\e[31m\\x07\"\nowner: b\nenvironments: {}\n\"k\\e[2J\": 1\n";
    let errors = read(text).unwrap_err();
    assert_eq!(
        errors.iter().map(|error| error.code).collect::<Vec<_>>(),
        [Code::INVALID_NAME, Code::UNKNOWN_KEY]
    );
    for error in &errors {
        let shown = format!("{error}{}", crate::diagnostic::render(error, text, false));
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
    }
    // The same where the characters themselves stand in the file.
    let raw = "service: a\u{7f}\u{85}b\nowner: c\nenvironments: {}\n";
    for error in &read(raw).unwrap_err() {
        let shown = crate::diagnostic::render(error, raw, false);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    }
}

/// The service of the documentation with other words in place of its first ratio, and of its last count.
fn measured(ratio: &str, count: &str) -> (String, Result<ServiceFile, Diagnostics>) {
    let text = EXAMS
        .replace("{ bad: 'exam_submit_total{outcome=\"error\"}', all: exam_submit_total }", ratio)
        .replace("count: support_tickets_total", count);
    let file = read(&text);
    (text, file)
}

#[test]
fn ratios_count_good_or_bad_and_counts_are_per_request_or_per_something() {
    let plain = "count: a_total";
    let (_, file) = measured("{ good: 'ok_total{code=\"200\"}', all: all_total }", plain);
    let signals = file.unwrap_or_else(|errors| panic!("{errors}")).signals;
    let (good, all) = ("ok_total{code=\"200\"}".to_owned(), "all_total".to_owned());
    assert_eq!(signals[0].measure.value, Measure::Success { good, all });
    assert_eq!(signals[2].measure.value, Measure::Count { counter: "a_total".to_owned(), per: None });
    let (_, file) = measured("{ bad: a, all: b }", "count: { of: a_total, per: b_total }");
    let signals = file.unwrap_or_else(|errors| panic!("{errors}")).signals;
    assert_eq!(signals[0].measure.value, Measure::Ratio { bad: "a".to_owned(), all: "b".to_owned() });
    let (counter, per) = ("a_total".to_owned(), Some("b_total".to_owned()));
    assert_eq!(signals[2].measure.value, Measure::Count { counter, per });
    for (ratio, count, code, at) in [
        ("{ bad: a, good: b, all: c }", plain, Code::NOT_EXACTLY_ONE, "good"),
        ("{ all: c }", plain, Code::NOT_EXACTLY_ONE, "ratio"),
        ("{ good: a }", plain, Code::MISSING_KEY, "ratio"),
        ("{ good: rate(a), all: c }", plain, Code::INVALID_SELECTOR, "rate(a)"),
        ("{ bad: a, all: c }", "count: { of: a }", Code::MISSING_KEY, "count"),
        ("{ bad: a, all: c }", "count: { per: a }", Code::MISSING_KEY, "count"),
        ("{ bad: a, all: c }", "count: { of: a, per: sum(b) }", Code::INVALID_SELECTOR, "sum(b)"),
        ("{ bad: a, all: c }", "count: { of: a, per: b, par: d }", Code::UNKNOWN_KEY, "par"),
        ("{ bad: a, all: c }", "count: [a]", Code::WRONG_KIND, "[a]"),
        ("{ bad: a, all: c }", "count: a\n    variant_label: 1st", Code::INVALID_NAME, "1st"),
    ] {
        let (text, file) = measured(ratio, count);
        let errors = file.unwrap_err();
        let found: Vec<_> = errors.iter().map(|error| (error.code, &text[error.span.clone()])).collect();
        assert_eq!(found, [(code, at)], "{ratio} {count}");
        assert!(errors.iter().all(|error| error.expected.is_some()), "{errors}");
    }
}
