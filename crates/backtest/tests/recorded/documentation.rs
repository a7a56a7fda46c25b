//! What `docs/backtest.md` shows is true: its files are read, and nothing in them is left aside.

use crate::common::trace;

const PAGE: &str = include_str!("../../../../docs/backtest.md");

#[test]
fn every_file_that_is_shown_is_read() {
    let files: Vec<&str> =
        PAGE.split("```csv\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(files.len(), 4);
    for file in files {
        let trace = trace(file);
        assert_eq!(trace.steps.len(), 2, "{file}");
        assert!(trace.steps.iter().all(|step| step.sample.is_some()), "{file}");
        assert_eq!((trace.treatment.missing, trace.treatment.unused_columns.len()), (0, 0), "{file}");
    }
}

#[test]
fn every_name_that_is_shown_is_recognised() {
    let names = "treatment_users,treatment_errors,baselineTotal,baselineErrors";
    let counts = trace(&format!("seq,{names}\n1,10,1,10,1\n"));
    assert!(counts.has_control && PAGE.contains("`treatment_users`") && PAGE.contains("`baselineErrors`"));
    for name in ["latency_ms", "p99"] {
        assert!(PAGE.contains(name) && trace(&format!("when,{name}\n1,2\n")).steps[0].sample.is_some());
    }
}
