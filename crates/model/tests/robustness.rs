//! Whatever the bytes: an answer or diagnostics with places, soon, and never a panic.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use ripcord_model::{
    CompileContext, Timestamp, compile,
    diagnostic::{Code, Diagnostics, render},
    lint,
    nouns::freeze::{FreezeSpan, FreezeWindow},
    read_plan, read_service,
    source::SourceFile,
};

const SERVICE: &str = include_str!("files/clean/ripcord.yaml");
const PLAN: &str = include_str!("files/clean/exam-submit-v2.yaml");

/// Every key there is.
const FULL_SERVICE: &str = include_str!("files/full/ripcord.yaml");
const FULL_PLAN: &str = include_str!("files/full/release.yaml");

/// Generous for a loaded machine; the inputs take milliseconds.
const SOON: Duration = Duration::from_secs(10);

/// Everything that can be done with bytes. Every diagnostic must have a place inside the text and be drawable.
fn exercise(service: &[u8], plan: &[u8]) {
    let (Ok(service), Ok(plan)) = (
        SourceFile::from_bytes("ripcord.yaml", service),
        SourceFile::from_bytes("releases/exam-submit-v2.yaml", plan),
    ) else {
        return;
    };
    let service_file = read_service(&service);
    let plan_file = read_plan(&plan);
    if let Err(diagnostics) = &service_file {
        well_placed(diagnostics, &service.text);
    }
    if let Err(diagnostics) = &plan_file {
        well_placed(diagnostics, &plan.text);
    }
    if let (Ok(service_file), Ok(plan_file)) = (service_file, plan_file) {
        let found = lint((&service, &service_file), &[(&plan, &plan_file)]);
        let compiled = compile(&service_file, &plan_file, &CompileContext::default());
        assert_eq!(found.has_errors(), compiled.is_err(), "lint and the compiler disagree: {found}");
    }
}

fn well_placed(diagnostics: &Diagnostics, text: &str) {
    assert!(diagnostics.has_errors(), "refused without a reason");
    let lines = u32::try_from(text.split('\n').count()).unwrap();
    for diagnostic in diagnostics {
        assert!(
            diagnostic.span.end <= text.len() && diagnostic.span.start <= diagnostic.span.end,
            "{diagnostic:?}"
        );
        assert!((1..=lines).contains(&diagnostic.line) && diagnostic.column >= 1, "{diagnostic:?}");
        assert!(diagnostic.expected.is_some(), "{diagnostic} does not say what was expected");
        assert!(render(diagnostic, text, false).contains("ripcord explain"));
    }
}

fn code_of_plan(text: &str) -> Code {
    let begin = Instant::now();
    let errors = read_plan(&SourceFile::new("plan.yaml", text)).unwrap_err();
    assert!(begin.elapsed() < SOON, "took {:?}", begin.elapsed());
    well_placed(&errors, text);
    errors.iter().next().unwrap().code
}

#[test]
fn ten_megabytes_are_refused_at_once() {
    let mut text = PLAN.to_owned();
    while text.len() < 10 << 20 {
        text.push_str("# more and more\n");
    }
    assert_eq!(code_of_plan(&text), Code::FILE_TOO_LARGE);
    assert_eq!(SourceFile::from_bytes("plan.yaml", text.as_bytes()).unwrap_err().code, Code::FILE_TOO_LARGE);
}

#[test]
fn deep_nesting_is_refused_at_once() {
    let flow = format!("changes: {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(code_of_plan(&flow), Code::TOO_DEEP);
    let maps = "{a: ".repeat(100_000);
    assert_eq!(code_of_plan(&maps), Code::TOO_DEEP);
    let mut block = String::new();
    for depth in 0..500 {
        writeln!(block, "{}a:", " ".repeat(depth)).unwrap();
    }
    assert_eq!(code_of_plan(&block), Code::TOO_DEEP);
    assert_eq!(code_of_plan(&"- ".repeat(100_000)), Code::TOO_DEEP);
}

#[test]
fn aliases_that_explode_are_refused_at_once() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let before = format!("*a{}, ", level - 1).repeat(10);
        writeln!(bomb, "a{level}: &a{level} [{}]", before.trim_end_matches(", ")).unwrap();
    }
    assert_eq!(code_of_plan(&bomb), Code::TOO_BIG);
    // Few values, much text: ten thousand times half a megabyte.
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(500_000), "*a, ".repeat(10_000));
    assert_eq!(code_of_plan(&long), Code::TOO_BIG);
    // An alias inside of what it repeats.
    assert_eq!(code_of_plan("a: &a [*a]\n"), Code::NOT_YAML);
    assert_eq!(code_of_plan("a: *nowhere\n"), Code::NOT_YAML);
}

#[test]
fn many_values_are_refused_and_many_keys_are_read_fast() {
    let list = format!("changes: [{}]", "x, ".repeat(300_000));
    assert_eq!(code_of_plan(&list), Code::TOO_BIG);
    let mut keys = String::new();
    for key in 0..9_000 {
        writeln!(keys, "key-{key}: x").unwrap();
    }
    assert_eq!(code_of_plan(&keys), Code::MISSING_KEY);
}

#[test]
fn bytes_that_are_not_text_have_a_place() {
    let mut bytes = PLAN.as_bytes().to_vec();
    let at = PLAN.find("maya").unwrap();
    bytes[at] = 0xfe;
    let error = SourceFile::from_bytes("plan.yaml", &bytes).unwrap_err();
    assert_eq!((error.code, error.line, error.column), (Code::NOT_UTF8, 4, 8));
}

#[test]
fn a_plan_with_many_mistakes_reports_each() {
    let mistakes = [
        ("release: exam-submit-v2", "release: Exam Submit", Code::INVALID_NAME),
        ("owner: maya", "ownr: maya", Code::UNKNOWN_KEY),
        ("critical_path: true", "critical_path: yes", Code::UNKNOWN_WORD),
        ("false_rollback: 0.1%", "false_rollback: 0.1", Code::INVALID_SHARE),
        ("budget: 1m", "budget: soon", Code::INVALID_DURATION),
        ("above 3% for 2m", "too many errors", Code::VAGUE_TRIGGER),
        ("class: schema", "class: scheme", Code::UNKNOWN_WORD),
        ("level: migration", "levle: migration", Code::UNKNOWN_KEY),
        ("id: attempts", "id: submit-flow", Code::LISTED_TWICE),
        ("stages: standard", "stages: 3", Code::UNKNOWN_WORD),
        ("outside_after: 15m", "outside_after: [15m]", Code::WRONG_KIND),
        ("recovery: 2m", "recovery: 2x", Code::INVALID_DURATION),
    ];
    // Every subset of the mistakes, 4,096 of them, reports exactly its own codes, and the missing key that a mistyped
    // one leaves behind.
    for subset in 1_u32..1 << mistakes.len() {
        let chosen =
            mistakes.iter().enumerate().filter(|(index, _)| subset & (1 << index) != 0).map(|(_, m)| m);
        let mut expected = Vec::new();
        let mut text = PLAN.to_owned();
        for (from, to, code) in chosen {
            // A change whose class is unknown has no id to compare with others.
            if *code == Code::LISTED_TWICE && text.contains("class: scheme") {
                continue;
            }
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
            expected.push(*code);
            if *from == "owner: maya" {
                expected.push(Code::MISSING_KEY);
            }
        }
        let errors = read_plan(&SourceFile::new("plan.yaml", text.as_str())).unwrap_err();
        let mut found: Vec<Code> = errors.iter().map(|error| error.code).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{text}");
    }
}

/// A cron expression of five fields, with all that croner extends them by; most can be read, some never come round.
fn expressions() -> impl Strategy<Value = String> {
    let field = "(\\*|\\*/[0-9]{1,3}|[0-9]{1,2}|[0-9]{1,2}-[0-9]{1,2}|L|L-3|15W|LW|FRI#[0-9]|FRI#L|MON|FEB|[0-9],[0-9]|\\?)";
    prop::collection::vec(field, 5).prop_map(|fields| fields.join(" "))
}

fn recurring(from: &str, until: &str) -> FreezeWindow {
    let span = FreezeSpan::Recurring { from: from.to_owned(), until: until.to_owned() };
    FreezeWindow { span, zone: "Europe/Berlin".to_owned(), reason: "test".to_owned() }
}

#[test]
fn asking_for_a_freeze_is_cheap_enough_for_every_forward_step() {
    let year_end = recurring("0 0 20 12 *", "0 0 2 1 *");
    let begin = Instant::now();
    let mut hours_frozen = 0;
    for hour in 0..1_000_u64 {
        let at = Timestamp::from_ms(1_798_000_000_000).plus(ripcord_model::Duration::from_mins(hour * 60));
        hours_frozen += u32::from(year_end.in_force(at).is_some());
    }
    // About 35 microseconds each without optimisation.
    assert!(begin.elapsed() < SOON, "1,000 answers took {:?}", begin.elapsed());
    assert!((200..1_000).contains(&hours_frozen), "{hours_frozen}");
}

/// A valid file with some of its bytes replaced, removed, doubled or moved.
fn mutated(original: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b" \n\t:-,[]{}\"'&*!|>%#?@`~0".to_vec()),];
    let edit = (0..original.len(), 0_usize..12, prop::collection::vec(byte, 0..6));
    prop::collection::vec(edit, 1..8).prop_map(move |edits| {
        let mut bytes = original.as_bytes().to_vec();
        for (at, removed, inserted) in edits {
            let start = at.min(bytes.len());
            let end = (start + removed).min(bytes.len());
            bytes.splice(start..end, inserted);
        }
        bytes
    })
}

/// Lines of a valid file in another order, some of them missing.
fn shuffled(original: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&str> = original.lines().collect();
    let count = lines.len();
    prop::collection::vec(0..count, 0..count).prop_map(move |order| {
        order.iter().map(|line| format!("{}\n", lines[*line])).collect::<String>().into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exercise(&bytes, &bytes);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[ \\n\\t:,\\[\\]{}\"'&*!|>%#?@a-z0-9é-]{0,200}") {
        exercise(text.as_bytes(), text.as_bytes());
    }

    #[test]
    fn no_damage_to_a_valid_file_makes_anything_panic(service in mutated(SERVICE), plan in mutated(PLAN)) {
        exercise(&service, PLAN.as_bytes());
        exercise(SERVICE.as_bytes(), &plan);
    }

    #[test]
    fn no_damage_to_a_file_with_every_key_makes_anything_panic(
        service in mutated(FULL_SERVICE), plan in mutated(FULL_PLAN),
    ) {
        exercise(&service, FULL_PLAN.as_bytes());
        exercise(FULL_SERVICE.as_bytes(), &plan);
    }

    #[test]
    fn no_order_of_lines_makes_anything_panic(service in shuffled(SERVICE), plan in shuffled(PLAN)) {
        exercise(&service, &plan);
    }

    #[test]
    fn no_cron_expression_makes_the_calendar_panic_or_linger(
        from in expressions(), until in expressions(), ms in 0_i64..4_000_000_000_000,
    ) {
        let service = SERVICE.replace("0 16 * * FRI", &from).replace("0 8 * * MON", &until);
        let begin = Instant::now();
        exercise(service.as_bytes(), PLAN.as_bytes());
        let at = Timestamp::from_ms(ms);
        if let Some(end) = recurring(&from, &until).in_force(at) {
            prop_assert!(end > at, "{from} until {until} at {at} ends at {end}");
        }
        prop_assert!(begin.elapsed() < SOON, "{from} until {until} took {:?}", begin.elapsed());
    }

    #[test]
    fn no_value_in_any_place_makes_anything_panic(
        line in 0_usize..30,
        value in "(\\[\\]|\\{\\}|~|null|-1|1e400|99999999999999999999|100%|0s|[a-z]{1,80}|\"\"|\"  \"|\\[a, a\\]|\\{a: b\\}|0 0 31 2 \\*|9999-12-31|-9999-01-01|2026-03-29 02:30)",
    ) {
        for original in [SERVICE, PLAN] {
            let replaced: Vec<String> = original
                .lines()
                .enumerate()
                .map(|(index, text)| match text.split_once(": ") {
                    Some((key, _)) if index == line => format!("{key}: {value}"),
                    _ => text.to_owned(),
                })
                .collect();
            let replaced = replaced.join("\n");
            if original == SERVICE { exercise(replaced.as_bytes(), PLAN.as_bytes()) } else { exercise(SERVICE.as_bytes(), replaced.as_bytes()) }
        }
    }
}
