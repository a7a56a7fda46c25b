//! What of `gate:` is understood, and how the rest is refused.

use super::{tests::EXAMS, *};
use crate::blueprint::{Checks, CiSource, Condition, Direction, DownstreamAsk, Limit, Quantity, Sustain};

fn read(gate: &str) -> Result<Checks, Diagnostics> {
    let text = format!("{EXAMS}gate:\n  {gate}\n");
    read_service(&SourceFile::new("ripcord.yaml", text)).map(|file| file.gate.outside)
}

fn understood(gate: &str) -> Checks {
    read(gate).unwrap_or_else(|errors| panic!("{gate}: {errors}"))
}

#[test]
fn without_the_key_nothing_is_asked() {
    let file = read_service(&SourceFile::new("ripcord.yaml", EXAMS)).unwrap();
    assert!(file.gate.outside.is_empty());
    assert!(understood("digests: when-known").is_empty());
}

#[test]
fn what_is_written_is_what_is_asked() {
    let checks = understood(
        "downstream: [{ name: pay, http: \"http://pay/healthz\" }, { name: db, tcp: \"[::1]:5432\", timeout: 1s }]",
    );
    let DownstreamAsk::Http { url, expect } = &checks.downstream[0].ask else { panic!("{checks:?}") };
    assert_eq!((url.as_str(), *expect), ("http://pay/healthz", 200));
    assert_eq!(checks.downstream[0].timeout, Duration::from_secs(5));
    assert_eq!(checks.downstream[1].ask, DownstreamAsk::Tcp("[::1]:5432".to_owned()));
    assert_eq!(checks.downstream[1].timeout, Duration::from_secs(1));

    let requires = understood("requires: { env: [TOKEN], files: [conf/key], command: vault get exams }");
    let requires = requires.requires.unwrap();
    assert_eq!((requires.env[0].as_str(), requires.commands[0].as_str()), ("TOKEN", "vault get exams"));

    let capacity = understood("capacity: cpu-headroom above 20% for 5m").capacity.unwrap();
    assert_eq!(capacity.signal.as_str(), "cpu-headroom");
    let (limit, sustain) = (Limit::Absolute(Quantity::Percent(20.0)), Sustain::For(Duration::from_mins(5)));
    assert_eq!(capacity.condition, Condition { direction: Direction::Above, limit, sustain });

    let ci = understood("ci: { github: { repository: exams/exams } }").ci;
    let CiSource::Github { api, token, .. } = &ci[0].source else { panic!("{ci:?}") };
    assert_eq!((api.as_str(), token), ("https://api.github.com", &None));
    let ci = understood(
        "ci: [{ command: \"ci/ok {commit}\" }, { url: \"http://ci/{version}\", expect: { /n: 3 } }]",
    )
    .ci;
    assert_eq!(ci.iter().map(|ci| ci.source.needs_commit()).collect::<Vec<_>>(), [true, false]);
    let CiSource::Url { expect, .. } = &ci[1].source else { panic!("{ci:?}") };
    assert_eq!(expect["/n"], "3");
}

#[test]
fn every_mistake_has_a_code_and_what_was_expected() {
    let cases = [
        ("downstream: [{ name: pay }]", Code::NOT_EXACTLY_ONE),
        ("downstream: [{ name: pay, http: \"http://a/\", tcp: \"a:1\" }]", Code::NOT_EXACTLY_ONE),
        ("downstream: [{ http: \"http://a/\" }]", Code::MISSING_KEY),
        ("downstream: [{ name: pay, http: a }]", Code::INVALID_ADDRESS),
        ("downstream: [{ name: pay, http: \"http://u:hunter2@a/\" }]", Code::SECRET_IN_FILE),
        ("downstream: [{ name: pay, tcp: a }]", Code::INVALID_ADDRESS),
        ("downstream: [{ name: pay, tcp: \"a:0\" }]", Code::INVALID_ADDRESS),
        ("downstream: [{ name: pay, tcp: \"a:1\", expect: 200 }]", Code::UNKNOWN_KEY),
        ("downstream: [{ name: pay, http: \"http://a/\", expect: 99 }]", Code::INVALID_NUMBER),
        ("downstream: [{ name: pay, http: \"http://a/\", timeout: 1h }]", Code::INVALID_DURATION),
        ("downstream: [{ name: a b, tcp: \"a:1\" }]", Code::INVALID_NAME),
        ("downstream: [{ name: a, tcp: \"a:1\" }, { name: a, tcp: \"b:1\" }]", Code::LISTED_TWICE),
        ("requires: { env: [\"A=hunter2\"] }", Code::INVALID_NAME),
        ("requires: { commands: [x] }", Code::UNKNOWN_KEY),
        ("requires: { command: \"vault get {secret}\" }", Code::UNKNOWN_WORD),
        ("ci: { }", Code::NOT_EXACTLY_ONE),
        ("ci: { command: x, expect: { /a: b } }", Code::UNKNOWN_KEY),
        ("ci: { url: \"http://ci/\" }", Code::MISSING_KEY),
        ("ci: { url: \"http://ci/\", expect: { } }", Code::MISSING_KEY),
        ("ci: { url: \"http://ci/\", expect: { state: ok } }", Code::INVALID_ADDRESS),
        ("ci: { url: \"http://ci/{branch}\", expect: { /a: b } }", Code::UNKNOWN_WORD),
        ("ci: { url: \"http://ci/\", expect: { /a: b }, token: hunter2 }", Code::SECRET_IN_FILE),
        ("ci: { github: { repository: exams } }", Code::INVALID_NAME),
        ("ci: { github: { repository: \"../..\" } }", Code::INVALID_NAME),
        ("ci: { github: { repository: a/b, token: ghp_hunter2 } }", Code::SECRET_IN_FILE),
        ("ci: { gitlab: { project: \"a/b?x\" } }", Code::INVALID_NAME),
        ("ci: { gitlab: { project: 7, api: nowhere } }", Code::INVALID_ADDRESS),
        ("signature: { file: a.sig }", Code::MISSING_KEY),
        ("signature: { file: \"{digest}.sig\", key: a.pub }", Code::UNKNOWN_WORD),
        ("digests: yes", Code::UNKNOWN_WORD),
        ("flags: on", Code::UNKNOWN_WORD),
        ("capacity: plenty", Code::VAGUE_TRIGGER),
        ("capacity: cpu above 20%", Code::VAGUE_TRIGGER),
        ("capacity: cpu above 2x control for 5m", Code::VAGUE_TRIGGER),
        ("capacity: cpu above 3 in 5m", Code::VAGUE_TRIGGER),
        ("parachute: yes", Code::UNKNOWN_KEY),
    ];
    for (gate, code) in cases {
        let found = read(gate).err().unwrap_or_else(|| panic!("`{gate}` is taken"));
        let first = found.iter().find(|found| found.code == code);
        let first = first.unwrap_or_else(|| panic!("`{gate}`: {found}"));
        assert!(first.expected.is_some(), "{gate}: {first}");
        assert!(!format!("{} {:?}", first.message, first.expected).contains("hunter2"), "{gate}: {first}");
    }
}

#[test]
fn no_more_is_asked_at_once_than_can_be() {
    let services: Vec<String> =
        (0..65).map(|number| format!("{{ name: s{number}, tcp: \"a:1\" }}")).collect();
    let found = read(&format!("downstream: [{}]", services.join(", "))).unwrap_err();
    assert!(found.iter().any(|found| found.code == Code::TOO_BIG), "{found}");
}

#[test]
fn what_the_page_of_the_gate_shows_is_understood() {
    const PAGE: &str = include_str!("../../../../docs/gate.md");
    let section = PAGE.split("## The world outside").nth(1).unwrap();
    let shown = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let file = read_service(&SourceFile::new("ripcord.yaml", format!("{EXAMS}{shown}")));
    let Checks { downstream, requires, ci, signature, digests_required, capacity, flags_off, commit } =
        file.unwrap_or_else(|errors| panic!("{errors}")).gate.outside;
    assert_eq!((downstream.len(), ci.len()), (2, 1));
    assert!(requires.is_some() && signature.is_some() && digests_required && capacity.is_some() && flags_off);
    assert_eq!(commit, None, "no file says which commit it is");
}
