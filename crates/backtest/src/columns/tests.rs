use super::*;

fn of(header: &str) -> Result<Layout, Unclear> {
    with(header, &[])
}

fn with(header: &str, named: &[&str]) -> Result<Layout, Unclear> {
    let names: Vec<String> = header.split(',').map(str::to_owned).collect();
    let named: Vec<Named> = named.iter().map(|text| text.parse().unwrap()).collect();
    recognise(&names, &named)
}

fn counts(all: usize, part: usize) -> Counts {
    Counts { all, part, is_good: false }
}

#[test]
fn blocks_of_two_sides_are_recognised_however_they_are_named() {
    for header in [
        "seq,canary_n,canary_bad,control_n,control_bad",
        "seq,canary_total,canary_errors,control_total,control_errors",
        "block,Canary Requests,Canary Failures,Stable Requests,Stable Failures",
        "index,canaryTotal,canaryErrors,baselineTotal,baselineErrors",
        "timestamp,n_c,x,n_t,y",
        "timestamp,treatment_users,treatment_crashes,control_users,control_crashes",
        "time,candidate_requests_total,candidate_failed_requests,stable_requests_total,stable_failed_requests",
        "seq,canary.n,canary.bad,control.n,control.bad",
    ] {
        let layout = of(header).unwrap_or_else(|error| panic!("{header}: {error}"));
        let expected = Data::Counts { canary: counts(1, 2), control: Some(counts(3, 4)) };
        assert_eq!((layout.data, layout.unused.len()), (expected, 0), "{header}");
        assert_ne!(layout.time.is_some(), layout.seq.is_some(), "{header}");
    }
}

#[test]
fn single_series_are_recognised() {
    for header in [
        "timestamp,value",
        "time,latency_ms",
        "Date,error_rate",
        "ts,p99",
        "timestamp,requests_per_second",
        "date,foo",
    ] {
        let layout = of(header).unwrap_or_else(|error| panic!("{header}: {error}"));
        assert_eq!(layout.data, Data::Values { canary: 1, control: None, requests: None }, "{header}");
        assert_eq!(layout.time, Some(0), "{header}");
    }
    let layout = of("timestamp,value,is_anomaly").unwrap();
    assert_eq!(layout.wrong, Some(Wrong { column: 2, is_onset: false }));
    let layout = of("timestamp,value,label,KPI ID").unwrap();
    assert_eq!((layout.wrong.unwrap().column, layout.unused), (2, vec!["KPI ID".to_owned()]));
    assert!(of("timestamp,value,onset").unwrap().wrong.unwrap().is_onset);
}

#[test]
fn counts_of_one_side_good_ones_and_exposures_are_recognised() {
    let data = |header| of(header).unwrap_or_else(|error| panic!("{header}: {error}")).data;
    assert_eq!(data("timestamp,requests,errors"), Data::Counts { canary: counts(1, 2), control: None });
    assert_eq!(data("timestamp,total_requests,failed_requests,latency_p99"), data("t,requests,errors"));
    let good = Counts { all: 1, part: 2, is_good: true };
    assert_eq!(data("date,attempts,successes"), Data::Counts { canary: good, control: None });
    assert_eq!(data("Date,Daily Sessions,App Crashes"), data("t,requests,errors"));
    assert_eq!(data("date,usage_hours,crashes"), Data::Events { canary: (2, Some(1)), control: None });
    assert_eq!(data("date,crashes"), Data::Events { canary: (1, None), control: None });
    assert_eq!(
        data("date,canary_hours,canary_crashes,control_hours,control_crashes"),
        Data::Events { canary: (2, Some(1)), control: Some((4, Some(3))) }
    );
    let requests = Data::Values { canary: 1, control: None, requests: Some(2) };
    assert_eq!(data("time,latency,requests"), requests);
    assert_eq!(data("time,canary,control"), Data::Values { canary: 1, control: Some(2), requests: None });
}

#[test]
fn what_could_be_either_is_an_error_that_says_how_to_choose() {
    let error = of("time,latency_p50,latency_p99").unwrap_err().to_string();
    assert!(error.contains("`latency_p50` and `latency_p99` could both be `value`"), "{error}");
    assert!(error.contains("--columns value=latency_p50"), "{error}");
    let error = of("time,foo,bar").unwrap_err().to_string();
    assert!(error.contains("unclear") && error.ends_with("the columns are: time, foo, bar"), "{error}");
}

#[test]
fn columns_can_be_named_by_hand() {
    let layout = with("time,foo,bar", &["value=bar"]).unwrap();
    assert_eq!(
        (layout.data, layout.unused),
        (Data::Values { canary: 2, control: None, requests: None }, vec!["foo".to_owned()])
    );
    let layout = with("time,requests,errors,latency", &["value=latency"]).unwrap();
    assert_eq!(layout.data, Data::Values { canary: 3, control: None, requests: Some(1) });
    let layout =
        with("a,b,c,d,e", &["seq=a", "canary_n=b", "canary_bad=c", "control_n=d", "control_bad=e"]).unwrap();
    assert_eq!(layout.data, Data::Counts { canary: counts(1, 2), control: Some(counts(3, 4)) });
    let error = with("time,value", &["value=latency"]).unwrap_err().to_string();
    assert!(error.starts_with("there is no column `latency`"), "{error}");
    for wrong in ["value", "colour=red", "=x"] {
        assert!(wrong.parse::<Named>().is_err(), "{wrong}");
    }
    assert!("colour=red".parse::<Named>().unwrap_err().contains("canary_bad"));
}
