use super::*;
use crate::{
    diagnostic::{Code, Diagnostics},
    source::SourceFile,
};

/// The example of the documentation.
pub(crate) const EXAM_SUBMIT: &str = include_str!("../../tests/files/exam-submit-v2.yaml");

fn read(text: &str) -> Result<PlanFile, Diagnostics> {
    read_plan(&SourceFile::new("releases/exam-submit-v2.yaml", text))
}

#[test]
fn the_documented_plan_is_understood() {
    let plan = read(EXAM_SUBMIT).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(plan.release.as_str(), "exam-submit-v2");
    assert_eq!(plan.false_rollback.unwrap().ppm(), 1_000);
    assert_eq!(plan.stages.value, Stages::Standard);
    assert_eq!(plan.changes.len(), 2);
    let [flow, attempts] = plan.changes.as_slice() else { panic!() };
    assert_eq!(flow.level().unwrap().value, Level::Flag);
    assert_eq!(flow.back.as_ref().unwrap().trigger_by.len(), 2);
    assert_eq!(attempts.from.as_ref().unwrap().value, "0041");
    assert_eq!(attempts.contain.as_ref().unwrap().value, "stop the attempt writer");
    assert_eq!(plan.comms.outside_after.unwrap().value, Duration::from_mins(15));
}

#[test]
fn stages_of_ones_own() {
    let listed = "stages: [{ share: 2%, for: 5m, at_least: 300 requests }, { share: 50%, at_least: 7 }, { share: 100% }]";
    let plan = read(&EXAM_SUBMIT.replace("stages: standard", listed)).unwrap();
    let Stages::Listed(stages) = &plan.stages.value else { panic!("{:?}", plan.stages) };
    assert_eq!(stages[0].at_least.unwrap().value, 300);
    assert_eq!(stages[0].dwell.unwrap().value, Duration::from_mins(5));
    assert_eq!(stages[1].at_least.unwrap().value, 7);
    assert_eq!(stages[2].share.value, Share::FULL);
    for (bad, code) in [
        ("stages: huge", Code::UNKNOWN_WORD),
        ("stages: { share: 1% }", Code::WRONG_KIND),
        ("stages: [{ share: 1 }]", Code::INVALID_SHARE),
        ("stages: [{ for: 5m }]", Code::MISSING_KEY),
        ("stages: [{ share: 1%, at_least: many }]", Code::INVALID_NUMBER),
        ("stages: [{ share: 1%, dwell: 5m }]", Code::UNKNOWN_KEY),
    ] {
        let errors = read(&EXAM_SUBMIT.replace("stages: standard", bad)).unwrap_err();
        assert_eq!(errors.iter().map(|d| d.code).collect::<Vec<_>>(), [code], "{bad}");
    }
}

#[test]
fn versions_that_look_like_numbers_stay_as_they_were_written() {
    for version in ["1.10", "0042", "1e3", "0x1f"] {
        let plan = read(&EXAM_SUBMIT.replace("version: v2", &format!("version: {version}"))).unwrap();
        assert_eq!(plan.version.as_str(), version);
    }
}

#[test]
fn the_accepted_chance_of_a_false_rollback_has_bounds() {
    for (written, fits) in
        [("0%", false), ("0.0001%", true), ("20%", true), ("20.0001%", false), ("100%", false)]
    {
        let plan = read(&EXAM_SUBMIT.replace("false_rollback: 0.1%", &format!("false_rollback: {written}")));
        assert_eq!(plan.is_ok(), fits, "{written}");
    }
}

#[test]
fn every_unknown_key_of_a_map_is_reported() {
    let errors = read(&EXAM_SUBMIT.replace("runbook:", "foo: 1\nbar: 2\nrunbok:")).unwrap_err();
    let found: Vec<(Code, u32)> = errors.iter().map(|error| (error.code, error.line)).collect();
    assert_eq!(found, [(Code::UNKNOWN_KEY, 13), (Code::UNKNOWN_KEY, 14), (Code::UNKNOWN_KEY, 15)]);
}

#[test]
fn thirty_two_levels_are_read_and_one_more_is_not() {
    for (depth, code) in [(31, Code::WRONG_KIND), (32, Code::TOO_DEEP), (33, Code::TOO_DEEP)] {
        let nested = format!("stages: {}{}", "[".repeat(depth), "]".repeat(depth));
        let errors = read(&EXAM_SUBMIT.replace("stages: standard", &nested)).unwrap_err();
        assert_eq!(errors.iter().next().unwrap().code, code, "{depth}");
    }
}

#[test]
fn what_a_stage_waits_for_is_one_of_two_words() {
    use crate::blueprint::AdvanceOn;
    assert_eq!(read(EXAM_SUBMIT).unwrap().advance, None);
    for (word, advance) in [("limits", AdvanceOn::Limits), ("evidence", AdvanceOn::Evidence)] {
        let plan = read(&format!("{EXAM_SUBMIT}advance: {word}\n")).unwrap();
        assert_eq!(plan.advance.unwrap().value, advance);
    }
    let errors = read(&format!("{EXAM_SUBMIT}advance: evidance\n")).unwrap_err();
    let error = errors.iter().next().unwrap();
    assert_eq!((error.code, error.help.as_deref()), (Code::UNKNOWN_WORD, Some("did you mean `evidence`?")));
}
