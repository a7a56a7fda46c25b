//! Every page of a code about flags is true: its example shows the code, its fix is without any mistake.

use ripcord_flags::read_definitions;
use ripcord_model::{all_codes, diagnostic::Diagnostics, explain, source::SourceFile};

/// The first block below a heading of a page.
fn block<'p>(page: &'p str, heading: &str) -> &'p str {
    let below = page.split_once(heading).unwrap().1;
    let fence = below.split_once("```").unwrap().1;
    fence.split_once('\n').unwrap().1.split_once("```").unwrap().0
}

fn found(text: &str) -> Diagnostics {
    match read_definitions(&SourceFile::new("flags.yaml", text)) {
        Ok(read) => read.found,
        Err(found) => found,
    }
}

#[test]
fn every_example_shows_its_code_and_every_fix_does_not() {
    let codes = all_codes().filter(|code| code.as_str() >= "RC0801" && code.as_str() <= "RC0812");
    for code in codes.filter(|code| code.as_str() != "RC0811") {
        let page = explain(code.as_str()).unwrap();
        let shown = found(block(page, "## Example\n"));
        assert!(shown.iter().any(|one| one.code == code), "{code} is not shown: {shown}");
        let left = found(block(page, "## Fix\n"));
        assert!(left.is_empty(), "{code} is not fixed: {left}");
    }
}

#[test]
fn a_rule_that_doubles_itself_is_refused_by_its_code() {
    let mut text = "flags: { a: { variants: { \"on\": true }, defaultVariant: \"on\" } }\n$evaluators:\n  r0: { var: x }\n".to_owned();
    for level in 1..30 {
        let below = format!("{{ $ref: r{} }}", level - 1);
        text += &format!("  r{level}: {{ and: [{below}, {below}] }}\n");
    }
    let shown = found(&text);
    assert!(shown.iter().any(|one| one.code.as_str() == "RC0811"), "{shown}");
}
