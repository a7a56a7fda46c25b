use super::*;
use crate::{
    baseline::{Extent, baseline},
    table::Table,
    trace,
};

fn trace(text: &str) -> Trace {
    trace::read(&Table::read(text).unwrap(), &trace::Options::default()).unwrap()
}

fn values() -> Trace {
    trace("timestamp,value\n2014-03-07 03:41:00,1\n2014-03-07 03:46:00,2\n2014-03-07 03:51:00,3\n")
}

fn blocks() -> Trace {
    trace("seq,canary_n,canary_bad,control_n,control_bad\n1,200,1,1800,9\n")
}

#[test]
fn rows_are_a_time_of_the_series() {
    let candidate = Candidate::read("above 2x baseline for 5 rows;  above 7 for 10m", &values()).unwrap();
    let rules: Vec<_> = candidate.rules.iter().map(|tried| tried.rule.to_string()).collect();
    assert_eq!(rules, ["above 2x baseline for 20m", "above 7 for 10m"], "four steps lie between five rows");
    assert_eq!(candidate.name(), "above 2x baseline for 5 rows; above 7 for 10m");
    assert!(candidate.needs_baseline());
}

#[test]
fn what_is_no_rule_or_does_not_fit_is_refused_with_what_would() {
    let error = |text: &str, trace: &Trace| Candidate::read(text, trace).unwrap_err().to_string();
    assert!(error("latency is high", &values()).contains("`latency is high` is not a rule: no comparison"));
    assert!(error("above 5 for 1 rows", &values()).contains("not a number of rows"));
    assert!(error(" ; ", &values()).contains("there is no rule"));
    assert_eq!(
        error("worse than control by 20%", &values()),
        "`worse than control by 20%` does not fit this series: there is no control to compare with; \
         try `worse than baseline by 20%`"
    );
    assert!(error("above 2x control for 5m", &values()).ends_with("try `above 2x baseline for 5m`"));
    assert!(error("over 1%", &values()).contains("bad events among all"));
    assert!(error("above 3 in 30m", &blocks()).contains("only counts"));
    assert!(error("above 300ms for 3m", &blocks()).contains("a share, not a time"));
    assert!(Candidate::read("over 1%; worse than control by 20%", &blocks()).is_ok());
}

#[test]
fn rules_of_a_file_that_do_not_fit_are_left_out_and_named() {
    let rules = ["worse than control by 20%", "above 5% for 5m"];
    let rules = rules.map(|text| (LeadsTo::Hold, text.parse().unwrap())).to_vec();
    let (candidate, misfits) = Candidate::of_signal(rules, &values());
    assert_eq!((candidate.unwrap().name(), misfits.len()), ("above 5% for 5m".to_owned(), 1));
}

#[test]
fn proposals_fit_what_was_measured() {
    for text in [
        "seq,canary_n,canary_bad,control_n,control_bad\n1,200,1,1800,9\n",
        "timestamp,value\n2014-03-07,1\n",
        "date,requests,errors\n2014-03-07,1,1\n",
        "date,attempts,successes\n2014-03-07,1,1\n",
        "date,crashes\n2014-03-07,1\n",
        "date,canary,control\n2014-03-07,1,1\n",
    ] {
        let trace = trace(text);
        let baseline = Baseline {
            blocks: 1,
            until: trace.steps[0].at,
            value: Some(1.0),
            of_control: false,
            cut_at_onset: false,
        };
        let proposed = Candidate::proposed(&trace, Some(&baseline));
        assert!(!proposed.is_empty(), "{text}");
        for tried in proposed.iter().flat_map(|candidate| &candidate.rules) {
            assert_eq!(fits(&tried.rule, &trace), Ok(()), "{text}: {}", tried.written);
        }
    }
}

#[test]
fn a_plain_limit_lies_above_all_that_was_seen_before() {
    let name = |text: &str| {
        let trace = trace(text);
        let baseline = baseline(&trace, Extent::Blocks(2)).unwrap();
        let proposed = Candidate::proposed(&trace, Some(&baseline));
        proposed.iter().map(Candidate::name).collect::<Vec<_>>()
    };
    let proposed = name("t,value\n1,47.213\n2,61.0921\n3,90\n");
    assert_eq!(proposed.last().unwrap(), "above 61.1 for 3 rows");
    assert_eq!(name("t,value\n1,1234\n2,0\n3,9\n").last().unwrap(), "above 1240 for 3 rows");
    assert_eq!(name("t,value\n1,0.0012\n2,0\n3,9\n").last().unwrap(), "above 0.0012 for 3 rows");
    assert_eq!(name("t,value\n1,-5\n2,-7\n3,9\n").len(), 0, "nothing useful is known of it");
}
