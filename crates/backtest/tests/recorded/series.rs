//! Series as people record them, made here from a seed: is the onset noticed, and is nothing noticed before it?

use crate::common::{Random, runs, trace};
use ripcord_backtest::{replay::Run, score::Meaning};
use ripcord_engine::{Counts, Groups};

/// The one run with this name.
fn run<'a>(runs: &'a [Run], name: &str) -> &'a Run {
    runs.iter().find(|run| run.name == name).unwrap_or_else(|| panic!("no run {name}"))
}

/// One block per 5 s, a tenth of the traffic on the canary; from block 900 on its errors are `times` as frequent.
fn blocks(seed: u64, times: f64) -> String {
    let mut random = Random(seed);
    let mut text = String::from("seq,canary_n,canary_bad,control_n,control_bad,onset\n");
    for seq in 1..=2_000_u64 {
        // The same bad minutes hit both arms.
        let shared = 0.01 * (1.0 + 0.8 * (seq as f64 / 90.0).sin().max(0.0));
        let canary_n = 40 + random.below(20);
        let control_n = 400 + random.below(100);
        let factor = if seq >= 900 { times } else { 1.0 };
        let canary_bad = random.binomial(canary_n, shared * factor);
        let control_bad = random.binomial(control_n, shared);
        let onset = u8::from(seq == 900);
        text.push_str(&format!("{seq},{canary_n},{canary_bad},{control_n},{control_bad},{onset}\n"));
    }
    text
}

#[test]
fn a_regression_between_two_arms_is_noticed_and_nothing_before() {
    for seed in 1..=5 {
        let trace = trace(&blocks(seed, 3.0));
        let runs = runs(&trace, &["worse than control by 20%"]);
        let run = run(&runs, "worse than control by 20%");
        assert_eq!((run.score.noticed(), run.score.false_firings), (1, 0), "seed {seed}: {:?}", run.firings);
        let delay = run.score.spans[0].unwrap();
        assert!((2..150).contains(&delay.blocks), "seed {seed}: {delay:?}");
        assert!(delay.requests.unwrap() >= delay.blocks as u64 * 40);
        let fired = &run.firings[0];
        assert!(fired.log_e.unwrap() >= fired.threshold.unwrap(), "{fired:?}");
    }
}

#[test]
fn where_nothing_is_wrong_nothing_fires() {
    for seed in 11..=20 {
        let trace = trace(&blocks(seed, 1.0));
        let runs = runs(&trace, &["worse than control by 20%"]);
        assert_eq!(runs[0].firings.len(), 0, "seed {seed}: {:?}", runs[0].firings);
    }
}

/// Latency every five minutes over two weeks with days and nights; it doubles for half a day, marked by a label.
fn latency(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::from("timestamp,value,label\n");
    for row in 0..4_032_i64 {
        let at = 1_394_163_660 + row * 300;
        let day = (row as f64 / 288.0 * std::f64::consts::TAU).sin();
        let wrong = (3_000..3_144).contains(&row);
        let value = (45.0 + 6.0 * day) * (0.06 * random.normal()).exp() * if wrong { 2.6 } else { 1.0 };
        let instant = jiff::Timestamp::from_second(at).unwrap().strftime("%Y-%m-%d %H:%M:%S");
        text.push_str(&format!("{instant},{value:.3},{}\n", u8::from(wrong)));
    }
    text
}

#[test]
fn a_latency_that_doubles_is_noticed_and_nothing_before() {
    let trace = trace(&latency(3));
    let runs = runs(&trace, &["above 2x baseline for 5 rows", "above 80 for 3 rows"]);
    for run in &runs {
        assert_eq!((run.score.noticed(), run.score.false_firings), (1, 0), "{}: {:?}", run.name, run.firings);
    }
    let plain = run(&runs, "above 2x baseline for 5 rows").score.spans[0].unwrap();
    assert_eq!((plain.blocks, plain.ms), (5, 4 * 300_000), "the fifth row in a row");
}

/// The processor time of two versions, a minute apart, over days and nights; the canary's is 80 % higher from row 1,000 on.
fn gauges(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::from("timestamp,canary_cpu,control_cpu,onset\n");
    for row in 0..3_000_i64 {
        let day = 0.5 + 0.1 * (row as f64 / 288.0 * std::f64::consts::TAU).sin();
        let control = day * (0.1 * random.normal()).exp();
        let canary = day * (0.1 * random.normal()).exp() * if row >= 1_000 { 1.8 } else { 1.0 };
        text.push_str(&format!(
            "{},{canary:.4},{control:.4},{}\n",
            1_700_000_000 + row * 60,
            u8::from(row == 1_000)
        ));
    }
    text
}

#[test]
fn a_gauge_against_its_control_is_noticed_through_days_and_nights() {
    let runs = runs(&trace(&gauges(7)), &["worse than control by 20%"]);
    assert_eq!((runs[0].score.noticed(), runs[0].score.false_firings), (1, 0), "{:?}", runs[0].firings);
    assert!(runs[0].score.spans[0].unwrap().blocks < 900, "{:?}", runs[0].score.spans);
}

/// Requests and errors per minute of one service, no control; the error rate goes from 1 % to 4 %.
fn errors(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::from("time,requests,errors\n");
    for row in 0..1_440_i64 {
        let requests = 300 + random.below(200);
        let errors = random.binomial(requests, if row >= 1_000 { 0.04 } else { 0.01 });
        text.push_str(&format!("{},{requests},{errors}\n", 1_700_000_000_000_i64 + row * 60_000));
    }
    text
}

#[test]
fn an_error_rate_is_held_against_a_limit_and_against_what_it_was() {
    let mut trace = trace(&errors(5));
    trace.mark(&["1700060000".parse().unwrap()]).unwrap();
    assert_eq!(trace.wrong.as_ref().unwrap()[0].first, 1_000);
    let runs = runs(&trace, &["over 2%", "worse than baseline by 50%", "above 3% for 5m"]);
    for run in &runs {
        assert_eq!((run.score.noticed(), run.score.false_firings), (1, 0), "{}: {:?}", run.name, run.firings);
        assert!(run.score.spans[0].unwrap().blocks <= 20, "{}: {:?}", run.name, run.score);
    }
}

/// Crashes per usage hours and day, as an app store reports them; a version that crashes four times as often.
fn crashes(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::from("date;usage_hours;crashes\n");
    for day in 0..120_i64 {
        let hours = 900.0 + random.below(400) as f64 + 0.5;
        let crashes = random.poisson(hours * if day >= 80 { 0.016 } else { 0.004 });
        let date = jiff::civil::date(2024, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        text.push_str(&format!("{date};{hours};{crashes}\n"));
    }
    text
}

#[test]
fn a_crash_rate_over_hours_of_use_is_held_against_what_it_was() {
    let mut trace = trace(&crashes(9));
    trace.mark(&["2024-03-21".parse().unwrap()]).unwrap();
    let runs = runs(&trace, &["worse than baseline by 50%"]);
    assert_eq!((runs[0].score.noticed(), runs[0].score.false_firings), (1, 0), "{:?}", runs[0].firings);
    assert!(runs[0].score.spans[0].unwrap().blocks <= 6, "{:?}", runs[0].score);
}

#[test]
fn after_a_firing_everything_begins_anew() {
    // Half of the series is wrong but nobody says so: it fires again and again.
    let text = blocks(2, 8.0).replace(",onset\n", ",x9\n");
    let trace = trace(&text);
    let runs = runs(&trace, &["worse than control by 20%"]);
    assert!(runs[0].firings.len() > 5, "{}", runs[0].firings.len());
    assert!(runs[0].score.meanings.iter().all(|meaning| *meaning == Meaning::Unknown));
    for firing in &runs[0].firings[..5] {
        let (at, behind) = (runs[0].readings[firing.index], runs[0].readings[firing.index + 1]);
        assert!(at.log_e.unwrap() >= firing.threshold.unwrap(), "{at:?}");
        assert!(behind.log_e.unwrap() < 4.0, "one block weighs what one block weighs: {behind:?}");
    }
}

#[test]
fn the_baseline_itself_is_not_replayed() {
    // Twice as high in the very beginning, which is a fifth of the baseline.
    let rows = (0..1_000_i64)
        .map(|row| format!("{},{}\n", 1_700_000_000 + row * 60, if row < 30 { 20 } else { 10 + row % 2 }));
    let trace = trace(&format!("timestamp,value\n{}", rows.collect::<String>()));
    let runs = runs(&trace, &["above 15 for 5 rows", "above 1.5x baseline for 5 rows"]);
    assert!(runs.iter().all(|run| run.firings.is_empty()), "{runs:?}");
    assert!(runs[0].readings[..150].iter().all(|reading| !reading.violated && reading.log_e.is_none()));
    assert_eq!(runs[0].score.quiet_blocks, 850);
}

#[test]
fn a_control_whose_instances_differ_is_not_trusted_alone_or_in_a_set() {
    let mut trace = trace(&blocks(4, 6.0));
    let rules = "worse than control by 20%; worse than control by 50%";
    assert!(runs(&trace, &[rules]).iter().all(|run| run.score.noticed() == 1 && run.distrusted == 0));
    for step in &mut trace.steps {
        // One half of the control answers badly all the time.
        let half = |bad| Counts { n: 250, bad };
        step.groups = Some(Groups::Counts(vec![half(1), half(9)]));
    }
    for run in runs(&trace, &[rules]) {
        assert!(run.distrusted > 1_000, "{}: {}", run.name, run.distrusted);
        assert_eq!(run.score.noticed(), 0, "{}: {:?}", run.name, run.firings);
    }
}

#[test]
fn a_set_of_rules_fires_with_the_first_of_them() {
    let trace = trace(&blocks(4, 6.0));
    let runs = runs(&trace, &["worse than control by 20%; above 10% for 1m; worse than control by 100%"]);
    assert_eq!(runs.len(), 4, "each by itself, and the set");
    let first =
        runs[..3].iter().filter_map(|run| run.score.spans[0]).map(|delay| delay.blocks).min().unwrap();
    let set = runs[3].score.spans[0].unwrap();
    // The mean of two e-values needs a little longer than the better of them alone.
    assert!(set.blocks >= first && set.blocks <= first + 12, "{set:?} after {first}");
    assert_eq!((runs[3].score.false_firings, runs[3].readings.len()), (0, 0));
}

#[test]
fn rows_that_say_nothing_are_not_taken_for_good_ones() {
    // Every row after the onset but one in ten is empty: later, but noticed all the same.
    let mut text = String::new();
    for (row, line) in latency(3).lines().enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let drop = row > 3_000 && row % 10 != 0;
        text.push_str(&if drop { format!("{},,{}\n", cells[0], cells[2]) } else { format!("{line}\n") });
    }
    let trace = trace(&text);
    assert!(trace.treatment.missing > 900);
    let runs = runs(&trace, &["above 2x baseline for 15m"]);
    assert_eq!(runs[0].score.noticed(), 0, "a pause of 50 min ends every violation");
    assert_eq!(runs[0].score.false_firings, 0);
}
