//! No file makes the reader, the replay or the picture panic; every mistake points into the file.

use crate::common::Random;
use proptest::prelude::*;
use ripcord_backtest::{
    baseline::{Extent, baseline},
    candidate::Candidate,
    chart::{Chart, Lane, draw},
    flaw::Flaws,
    replay::{self, Settings},
    table::Table,
    trace::{self, Options, Trace, Unreadable},
};
use ripcord_model::{Duration, SignalName};

fn point_into(text: &str, flaws: &Flaws) {
    let lines: Vec<&str> = text.split('\n').collect();
    assert!(flaws.found >= flaws.listed.len() && !flaws.listed.is_empty());
    for flaw in &flaws.listed {
        let line = usize::try_from(flaw.line).unwrap();
        assert!((1..=lines.len() + 1).contains(&line), "{flaw} in {text:?}");
        let length = lines.get(line - 1).map_or(0, |line| line.chars().count());
        assert!((1..=length as u64 + 2).contains(&flaw.column), "{flaw} in {text:?}");
        assert!(!flaw.problem.is_empty() && !flaw.expected.is_empty());
    }
}

fn whatever_it_is(text: &str) -> Option<Trace> {
    let table = match Table::read(text) {
        Ok(table) => table,
        Err(flaws) => {
            point_into(text, &flaws);
            return None;
        }
    };
    match trace::read(&table, &Options::default()) {
        Ok(trace) => Some(trace),
        Err(Unreadable::Flaws(flaws)) => {
            point_into(text, &flaws);
            None
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

fn all_of_it(trace: &Trace) {
    assert!(trace.steps.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].at <= pair[1].at));
    let past = baseline(trace, Extent::default()).ok();
    let candidates = Candidate::proposed(trace, past.as_ref());
    let settings = Settings {
        name: SignalName::new("signal").unwrap(),
        measure: None,
        window: None,
        plan: replay::plan(trace, None),
        false_rollback: 0.001,
        baseline: past,
    };
    let runs: Vec<_> =
        candidates.iter().flat_map(|candidate| replay::replay(trace, candidate, &settings)).collect();
    let lanes = runs.iter().map(|run| Lane {
        name: run.name.clone(),
        readings: &run.readings,
        threshold: run.threshold,
        level: run.level,
        firings: &run.firings,
        meanings: &run.score.meanings,
    });
    let picture = draw(&Chart {
        title: "title",
        subtitles: ["", ""],
        axis: "axis",
        window: Duration::from_mins(1),
        is_share: false,
        trace,
        baseline: settings.baseline.as_ref().map(|baseline| (baseline.blocks, baseline.value)),
        lanes: lanes.collect(),
    });
    assert!(!picture.contains("NaN") && !picture.contains("\"inf"), "{picture}");
}

fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9]{1,4}",
        2 => "[0-9]{1,3}\\.[0-9]{1,3}",
        1 => Just(String::new()),
        1 => prop_oneof![Just("NaN"), Just("-3"), Just("1e308"), Just("inf"), Just("x"), Just("\"a,b\""), Just("é"), Just("1e15")]
            .prop_map(str::to_owned),
    ]
}

fn headers() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("time,value"),
        Just("seq,canary_n,canary_bad,control_n,control_bad,onset"),
        Just("t,requests,errors,label"),
        Just("seq,hours,crashes"),
        Just("time,canary,control"),
        Just("seq,attempts,successes"),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}", lines in "(seq|time|value|,|;|\"|\n|\r\n|1|2014-03-07|\\{|\\}|:|é|\t){0,60}") {
        whatever_it_is(&text);
        whatever_it_is(&lines);
    }

    #[test]
    fn no_rows_make_the_replay_panic(
        header in headers(),
        rows in proptest::collection::vec(proptest::collection::vec(cells(), 6), 1..40),
        quiet in any::<bool>(),
    ) {
        let columns = header.split(',').count();
        let rows = rows.iter().enumerate().map(|(row, cells)| {
            let cells: Vec<String> = cells[..columns]
                .iter()
                .enumerate()
                .map(|(column, cell)| if quiet && column == 0 { row.to_string() } else { cell.clone() })
                .collect();
            format!("{}\n", cells.join(","))
        });
        let text = format!("{header}\n{}", rows.collect::<String>());
        if let Some(trace) = whatever_it_is(&text) {
            all_of_it(&trace);
        }
    }
}

#[test]
fn the_largest_numbers_have_a_place() {
    let text = "seq,value\n1,1e308\n9007199254740992,-1e308\n9007199254740990,1\n2,0\n";
    all_of_it(&whatever_it_is(text).unwrap());
    let one = whatever_it_is(
        "seq,canary_n,canary_bad,control_n,control_bad\n1,9007199254740992,9007199254740992,1,0\n",
    )
    .unwrap();
    all_of_it(&one);
    all_of_it(&whatever_it_is("seq,hours,crashes\n1000000000000000,0,0\n").unwrap());
}

#[test]
fn a_long_series_is_read_and_replayed_in_seconds() {
    let mut random = Random(3);
    let mut text = String::from("timestamp,value\n");
    for row in 0..100_000_u32 {
        text.push_str(&format!("{},{:.3}\n", 1_700_000_000 + row * 10, 100.0 + random.normal()));
    }
    let trace = whatever_it_is(&text).unwrap();
    assert_eq!(trace.steps.len(), 100_000);
    all_of_it(&trace);
}
