use super::*;
use crate::table::Table;

fn trace(text: &str) -> Trace {
    with(text, &Options::default()).unwrap_or_else(|error| panic!("{error:?}"))
}

fn with(text: &str, options: &Options) -> Result<Trace, Unreadable> {
    read(&Table::read(text).unwrap(), options)
}

fn canary_values(trace: &Trace) -> Vec<Option<f64>> {
    (0..trace.steps.len()).map(|index| trace.values(index).canary).collect()
}

#[test]
fn rows_are_put_in_order_repeated_ones_ignored_and_empty_cells_missing() {
    let trace = trace(
        "timestamp,value\n2014-03-07 03:41:00,1\n2014-03-07 03:46:00,\n2014-03-07 03:56:00,4\n\
         2014-03-07 03:51:00,NaN\n2014-03-07 03:46:00,9\n2014-03-07 05:01:00,5\n",
    );
    assert_eq!(canary_values(&trace), [Some(1.0), None, None, Some(4.0), Some(5.0)], "missing is not zero");
    let treatment = &trace.treatment;
    assert_eq!((treatment.rows, treatment.duplicates, treatment.reordered, treatment.missing), (6, 1, 2, 2));
    assert_eq!((treatment.gaps, treatment.longest_gap_ms), (1, 65 * 60_000));
    assert_eq!((trace.step, trace.clock), (Duration::from_mins(5), Clock::Recorded));
    assert_eq!(trace.patience(), Duration::from_mins(15));
    assert!(trace.steps.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].at < pair[1].at));
}

#[test]
fn blocks_with_numbers_only_are_taken_five_seconds_apart() {
    let text = "seq,canary_n,canary_bad,control_n,control_bad\n3,200,1,1800,9\n1,100,,900,2\n3,1,1,1,1\n";
    let two = trace(text);
    assert_eq!((two.clock, two.kind, two.has_control), (Clock::Assumed, Kind::Ratio, true));
    assert_eq!(
        two.steps.iter().map(|step| (step.seq, step.at.as_ms())).collect::<Vec<_>>(),
        [(1, 5_000), (3, 15_000)]
    );
    assert_eq!((two.treatment.duplicates, two.treatment.reordered, two.treatment.missing), (1, 1, 1));
    assert_eq!(two.values(0), Arms { canary: None, control: Some(2.0 / 900.0) });
    assert_eq!(two.steps[1].requests, Arms { canary: 200, control: 1_800 });
    let options = Options { interval: Some(Duration::from_mins(1)), ..Options::default() };
    assert_eq!(with(text, &options).unwrap().steps[0].at.as_ms(), 60_000);
}

#[test]
fn good_ones_are_turned_into_bad_ones_and_exposures_kept() {
    let good = trace("date,attempts,successes\n2024-01-01,10,9\n2024-01-02,10,10\n");
    assert_eq!((good.kind, good.has_control), (Kind::Success, false));
    assert_eq!(canary_values(&good), [Some(0.9), Some(1.0)]);
    let crashes = trace("date,usage_hours,crashes\n2024-01-01,12.5,25\n2024-01-02,10,0\n");
    assert_eq!((crashes.kind, canary_values(&crashes)), (Kind::Count, vec![Some(2.0), Some(0.0)]));
}

#[test]
fn labels_and_onsets_become_spans() {
    let labelled = trace("t,value,label\n1,1,0\n2,1,1\n3,1,1\n4,1,0\n5,1,1\n");
    assert_eq!(labelled.wrong, Some(vec![Span { first: 1, last: 2 }, Span { first: 4, last: 4 }]));
    let onset = trace("t,value,onset\n1,1,0\n2,1,1\n3,1,\n4,1,0\n");
    assert_eq!(onset.wrong, Some(vec![Span { first: 1, last: 3 }]), "from there on");
    assert_eq!(trace("t,value\n1,1\n").wrong, None, "nobody said");
    assert_eq!(trace("t,value,label\n1,1,0\n").wrong, Some(Vec::new()), "somebody said: nothing");
}

#[test]
fn marks_are_instants_or_numbers_within_the_series() {
    let text = "timestamp,value\n2014-03-07 03:41:00,1\n2014-03-07 03:46:00,2\n2014-03-07 03:51:00,3\n2014-03-07 03:56:00,4\n";
    let spans = |marks: &[&str]| {
        let mut trace = trace(text);
        let marks: Vec<Mark> = marks.iter().map(|mark| mark.parse().unwrap()).collect();
        trace
            .mark(&marks)
            .map(|()| trace.wrong.unwrap().iter().map(|span| (span.first, span.last)).collect::<Vec<_>>())
    };
    assert_eq!(spans(&["2014-03-07 03:46:00"]), Ok(vec![(1, 3)]));
    assert_eq!(spans(&["2014-03-07T03:44:00Z"]), Ok(vec![(1, 3)]), "the first block not before");
    assert_eq!(spans(&["3"]), Ok(vec![(2, 3)]), "the number of a row");
    assert_eq!(spans(&["1..2", "4"]), Ok(vec![(0, 1), (3, 3)]));
    assert_eq!(spans(&["4", "2"]), Ok(vec![(1, 2), (3, 3)]), "a mark lasts until the next");
    assert!(matches!(spans(&["2015-01-01"]), Err(MarkError::Outside(..))));
    assert!(matches!(spans(&["3..2"]), Err(MarkError::Outside(..))));
    assert!(matches!("soon".parse::<Mark>(), Err(MarkError::Unreadable(_))));
    let mut numbered = trace("seq,value\n1,1\n2,2\n");
    assert_eq!(numbered.mark(&["2014-03-07".parse().unwrap()]), Err(MarkError::NoInstants));
}

#[test]
fn rows_can_be_chosen_by_column_and_time() {
    let text = "timestamp,value,id\n2014-03-07,1,a\n2014-03-07,10,b\n2014-03-08,2,a\n2014-03-08,20,b\n";
    let only =
        |value: &str| Options { only: vec![("id".to_owned(), value.to_owned())], ..Options::default() };
    let b = with(text, &only("b")).unwrap();
    assert_eq!((canary_values(&b), b.treatment.left_out), (vec![Some(10.0), Some(20.0)], 2));
    let from = Options { from: Some("2014-03-08T00:00:00Z".parse().unwrap()), ..only("a") };
    assert_eq!(canary_values(&with(text, &from).unwrap()), [Some(2.0)]);
    assert!(matches!(with(text, &only("c")), Err(Unreadable::Empty(_))));
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let text = "time,requests,errors,label\n2014-03-07,10,1,0\nyesterday,10,x,0\n2014-03-09,10,12,2\n2014-03-10,-1,0,0\n7,1,0,0\n";
    let Err(Unreadable::Flaws(flaws)) = with(text, &Options::default()) else { panic!("readable") };
    let text: Vec<String> = flaws.listed.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    3:1: `yesterday`: not an instant (time); expected an instant such as 2014-03-07T03:41:00Z, 2014-03-07 03:41:00 (UTC), or seconds or milliseconds since 1970
    3:14: `x`: not a count (errors); expected a whole number, at least 0
    4:18: `2`: neither yes nor no (label); expected 0 or 1
    4:15: `12`: 12 among 10 (errors); expected at most as many as all; where one thing can happen several times, name what it happens over: --columns exposure=COLUMN
    5:12: `-1`: not a count (requests); expected a whole number, at least 0
    ");
}

#[test]
fn instants_and_small_numbers_do_not_mix() {
    let Err(Unreadable::Flaws(flaws)) = with("time,value\n2014-03-07,1\n7,2\n", &Options::default()) else {
        panic!("readable")
    };
    assert_eq!((flaws.found, flaws.listed[0].line), (1, 3));
}
