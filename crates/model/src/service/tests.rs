use super::*;
use crate::{
    blueprint::{MetricsKind, RouterBinding, Sticky, WorkloadBinding},
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
