//! JUnit XML: there is no standard, only what everybody writes. Test cases are counted one by one, and what the report
//! says of itself counts where it says worse.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use ripcord_model::paper::Counts;

/// How deep elements may be nested.
const DEPTH_MAX: usize = 64;

#[derive(Default)]
struct Walk {
    depth: usize,
    suites: bool,
    in_case: bool,
    case: Case,
    found: Counts,
    said: Counts,
    /// The depth at which elements said their totals first; those further in are part of them.
    said_at: Option<usize>,
}

#[derive(Default)]
struct Case {
    failed: bool,
    skipped: bool,
}

/// What a report counts; `None` when it is XML of another kind. The error says why it cannot be read to its end.
pub fn counts(text: &[u8]) -> Result<Option<Counts>, String> {
    let text = std::str::from_utf8(text).map_err(|error| format!("it is not UTF-8: {error}"))?;
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                walk.enter(&element)?;
                walk.depth += 1;
            }
            Event::Empty(element) => {
                walk.enter(&element)?;
                walk.leave(element.local_name().as_ref());
            }
            Event::End(element) => {
                walk.depth = walk.depth.saturating_sub(1);
                walk.leave(element.local_name().as_ref());
            }
            Event::Eof => return walk.end(),
            // Texts, comments, declarations and entities count nothing; none is ever expanded.
            _text => {}
        }
    }
}

impl Walk {
    fn enter(&mut self, element: &BytesStart<'_>) -> Result<(), String> {
        if self.depth >= DEPTH_MAX {
            return Err(format!("elements are nested deeper than {DEPTH_MAX}"));
        }
        match element.local_name().as_ref() {
            "testsuites" | "testsuite" => {
                self.suites = true;
                self.totals(element)?;
            }
            "testcase" => {
                self.in_case = true;
                self.case = Case::default();
            }
            "failure" | "error" if self.in_case => self.case.failed = true,
            "skipped" if self.in_case => self.case.skipped = true,
            _other => {}
        }
        Ok(())
    }

    fn totals(&mut self, element: &BytesStart<'_>) -> Result<(), String> {
        if self.said_at.is_some_and(|depth| depth < self.depth) {
            return Ok(());
        }
        let mut any = false;
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let number = attribute.value.trim().parse::<u64>().ok();
            let Some(number) = number else { continue };
            let total = match attribute.key.as_ref() {
                "tests" => &mut self.said.tests,
                "failures" | "errors" => &mut self.said.failed,
                "skipped" | "disabled" => &mut self.said.skipped,
                _other => continue,
            };
            *total = total.saturating_add(number);
            any = true;
        }
        if any {
            self.said_at = Some(self.depth);
        }
        Ok(())
    }

    fn leave(&mut self, name: &str) {
        if name == "testcase" && self.in_case {
            self.in_case = false;
            self.found.tests += 1;
            self.found.failed += u64::from(self.case.failed);
            self.found.skipped += u64::from(self.case.skipped && !self.case.failed);
        }
    }

    fn end(self) -> Result<Option<Counts>, String> {
        if self.depth != 0 {
            return Err("it ends in the middle of an element".to_owned());
        }
        if !self.suites {
            return Ok(None);
        }
        let Self { found, said, .. } = self;
        let failed = found.failed.max(said.failed);
        let skipped = if found.tests == 0 { said.skipped } else { found.skipped };
        let tests = found.tests.max(if found.tests == 0 { said.tests } else { 0 });
        // A suite can fail without a case of its own.
        let tests = tests.max(failed.saturating_add(skipped));
        Ok(Some(Counts { tests, failed, skipped }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Option<(u64, u64, u64)> {
        counts(text.as_bytes()).unwrap().map(|Counts { tests, failed, skipped }| (tests, failed, skipped))
    }

    #[test]
    fn cases_are_counted_one_by_one() {
        let report = r#"<?xml version="1.0"?>
            <testsuites tests="4" failures="1" errors="1" skipped="1">
              <testsuite name="a" tests="3" failures="1" skipped="1">
                <testcase name="one"/>
                <testcase name="two"><failure message="no">x &lt; y</failure><error/></testcase>
                <testcase name="three"><skipped/></testcase>
              </testsuite>
              <testsuite name="b" tests="1" errors="1"><testcase name="four"><error/></testcase></testsuite>
            </testsuites>"#;
        assert_eq!(counted(report), Some((4, 2, 1)), "a case that fails twice has failed once");
    }

    #[test]
    fn a_report_that_says_worse_of_itself_is_believed() {
        let report = r#"<testsuite tests="2" failures="0" errors="1"><testcase/><testcase/></testsuite>"#;
        assert_eq!(counted(report), Some((2, 1, 0)));
        let report = r#"<testsuite tests="900" failures="0"><testcase/></testsuite>"#;
        assert_eq!(counted(report), Some((1, 0, 0)), "tests that nobody sees were not run");
        assert_eq!(counted(r#"<testsuites tests="3" failures="3"/>"#), Some((3, 3, 0)));
        assert_eq!(counted("<testsuites/>"), Some((0, 0, 0)));
    }

    #[test]
    fn other_xml_is_not_counted_and_hostile_xml_does_no_harm() {
        assert_eq!(counted("<coverage><line hits='3'/></coverage>"), None);
        assert!(counts(b"<testsuite><testcase>").is_err());
        assert!(counts(b"<testsuite></testcase>").is_err());
        assert!(counts("<a>".repeat(100_000).as_bytes()).is_err(), "nested without end");
        let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
            <testsuite><testcase name="&b;"><failure>&b;</failure></testcase></testsuite>"#;
        assert_eq!(counted(bomb), Some((1, 1, 0)), "no entity is expanded");
    }
}
