//! Whatever a file holds: reading it ends with a runbook or with mistakes whose places lie in the file, and what was
//! written comes out again.

use proptest::prelude::*;
use ripcord_model::{diagnostic::render, source::SourceFile};
use ripcord_runbook::{ExecutedStep, StepKind, lint, read_runbook};

const EXAMPLE: &str = include_str!("files/exam-submit.md");

/// Reads, lints and draws; every place lies in the text.
fn hold(text: &str) {
    let source = SourceFile::new("runbooks/a.md", text);
    let found = match read_runbook(&source) {
        Ok(runbook) => {
            for step in &runbook.steps {
                assert!(step.place.end <= text.len() && !text[step.id.place.range()].is_empty());
                let shown = serde_json::to_string(&ExecutedStep::from(step)).unwrap();
                assert!(shown.contains(step.id.as_str()));
            }
            let again = read_runbook(&source).unwrap();
            assert!(again == runbook, "the same text is read differently");
            lint(&runbook, None)
        }
        Err(found) => {
            assert!(found.has_errors());
            found
        }
    };
    for one in &found {
        assert!(one.span.start <= one.span.end && one.span.end <= text.len(), "{one:?}");
        assert!(text.get(one.span.clone()).is_some(), "{one:?} cuts a character");
        let before = &text[..one.span.start];
        assert_eq!(usize::try_from(one.line).unwrap(), before.matches('\n').count() + 1, "{one:?}");
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        assert_eq!(usize::try_from(one.column).unwrap(), column, "{one:?}");
        let _ = render(one, text, false);
    }
}

fn fragment() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("```sh {run step=a timeout=5s}\n"),
        Just("```sh {verify step=a timeout=5s}\n"),
        Just("~~~manual {step=b type=\"x\\\"y\"}\n"),
        Just("```flag {step=c}\nx off\n```\n"),
        Just("```\n"),
        Just("~~~\n"),
        Just("````\n"),
        Just("> "),
        Just("- "),
        Just("    "),
        Just("# heading `code`\n"),
        Just("<div>\n"),
        Just("<!-- "),
        Just("-->\n"),
        Just("{{next_update}}"),
        Just("{{"),
        Just("---\n"),
        Just("\r\n"),
        Just("é\u{202e}ß"),
        Just("{run"),
        Just("step="),
        Just("\n"),
    ];
    prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => any::<String>()]
}

/// A script that no fence of three backticks ends, and that holds nothing refused.
fn script() -> impl Strategy<Value = String> {
    proptest::collection::vec("[a-zA-Z0-9 $'\"(){}|&;./_-]{0,40}[a-z]", 1..5)
        .prop_map(|lines| lines.iter().map(|line| format!("{}\n", line.replace("{{", "{"))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        hold(&text);
        hold(&format!("---\nrunbook: a\nowner: b\nbudget: 1m\n---\n{text}"));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        match SourceFile::from_bytes("runbooks/a.md", &bytes) {
            Ok(source) => hold(&source.text),
            Err(diagnostic) => assert!(diagnostic.span.end <= bytes.len()),
        }
    }

    #[test]
    fn any_page_of_fragments_is_read_or_refused(pieces in proptest::collection::vec(fragment(), 0..40)) {
        let body: String = pieces.concat();
        hold(&body);
        hold(&format!("---\nrunbook: a\nowner: b\nbudget: 1m\n---\n{body}"));
    }

    #[test]
    fn any_change_of_the_example_is_read_or_refused(at in 0..EXAMPLE.len(), length in 0..30_usize, put in any::<String>()) {
        let boundary = |mut at: usize| {
            at = at.min(EXAMPLE.len());
            while !EXAMPLE.is_char_boundary(at) { at -= 1; }
            at
        };
        let (start, end) = (boundary(at), boundary(at + length));
        hold(&format!("{}{put}{}", &EXAMPLE[..start], &EXAMPLE[end..]));
    }

    /// What is executed is, byte for byte, what was written.
    #[test]
    fn what_was_written_comes_out_again(
        steps in proptest::collection::vec((script(), script(), "[ -z]{1,20}", 1..3600_u64, any::<bool>()), 1..6),
    ) {
        let typed = |text: &str| text.trim().replace('\\', "\\\\").replace('"', "\\\"");
        let mut page = "---\nrunbook: a\nowner: b\nbudget: 9d\n---\n".to_owned();
        for (number, (run, verify, words, seconds, idempotent)) in steps.iter().enumerate() {
            let word = if *idempotent { " idempotent" } else { "" };
            page.push_str(&format!("```sh {{run step=r{number} timeout={seconds}s{word}}}\n{run}```\n"));
            page.push_str(&format!("~~~bash {{verify step=r{number} timeout={seconds}s every=2s}}\n{verify}~~~\n"));
            if !words.trim().is_empty() {
                let quoted = typed(words);
                page.push_str(&format!("~~~manual {{step=m{number} type=\"{quoted}\" timeout=1m}}\nGo on?\n~~~\n"));
            }
        }
        let runbook = read_runbook(&SourceFile::new("runbooks/a.md", page.as_str()));
        let runbook = runbook.unwrap_or_else(|found| panic!("{found}\n{page}"));
        for (number, (run, verify, words, seconds, idempotent)) in steps.iter().enumerate() {
            let step = runbook.steps.iter().find(|step| step.id.as_str() == format!("r{number}")).unwrap();
            let StepKind::Run(command) = &step.kind else { panic!() };
            prop_assert_eq!(command.script.as_str(), run.as_str());
            prop_assert_eq!(step.timeout().as_ms(), seconds * 1000);
            prop_assert_eq!(step.idempotent, *idempotent);
            prop_assert_eq!(step.verify.as_ref().unwrap().command.script.as_str(), verify.as_str());
            let asked = runbook.steps.iter().find(|step| step.id.as_str() == format!("m{number}"));
            if let Some(StepKind::Manual { confirmation, .. }) = asked.map(|step| &step.kind) {
                prop_assert_eq!(confirmation.as_ref().unwrap().as_str(), words.trim());
            }
        }
    }
}

/// Quadratic reading of a hostile page would take minutes here.
#[test]
fn a_megabyte_of_anything_is_read_soon() {
    let front = "---\nrunbook: a\nowner: b\nbudget: 1m\n---\n";
    for piece in [
        "```sh {run step=a}\n",
        "> ",
        "- ",
        "<x>",
        "<!--",
        "`",
        "{{",
        "*_",
        "[",
        "~~~\n",
        "# a\n",
        "{",
        "\n",
        "&",
        "![](",
    ] {
        let body = piece.repeat((1 << 20) / piece.len() - 200 / piece.len() - 1);
        hold_quickly(&format!("{front}{body}"));
    }
    let deep: String =
        (0..1000).map(|depth| format!("{}```sh {{run step=a}}\n", "> ".repeat(depth % 400))).collect();
    hold_quickly(&format!("{front}{deep}"));
    let large = SourceFile::new("runbooks/a.md", "x".repeat(2 << 20));
    let found = read_runbook(&large).unwrap_err();
    assert_eq!(found.iter().next().unwrap().code.as_str(), "RC0002");
}

fn hold_quickly(text: &str) {
    let source = SourceFile::new("runbooks/a.md", text);
    match read_runbook(&source) {
        Ok(runbook) => assert!(runbook.steps.len() <= 100 && runbook.sections.len() <= 500),
        Err(found) => assert!(found.len() <= 100, "{}", found.len()),
    }
}
