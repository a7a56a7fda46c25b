use std::{env, fs, path::Path};

use super::*;
use crate::{score::Score, table::Table, trace};

/// Forty blocks a minute apart; from the 25th on the canary is worse.
fn series(marked: bool) -> Trace {
    let rows = (1..=40_u32).map(|row| {
        let bad = if row >= 25 { 9 + row % 3 } else { 2 + row % 2 };
        let bad = if row == 12 { String::new() } else { bad.to_string() };
        let onset = u8::from(marked && row == 25);
        format!("2026-11-21 14:{row:02}:00,100,{bad},900,{},{onset}\n", 20 + row % 5)
    });
    let text = format!("time,canary_n,canary_bad,control_n,control_bad,onset\n{}", rows.collect::<String>());
    trace::read(&Table::read(&text).unwrap(), &trace::Options::default()).unwrap()
}

fn firing(trace: &Trace, index: usize) -> Firing {
    let step = &trace.steps[index];
    let (since, threshold) = (Some(step.at), Some(1_000.0_f64.ln()));
    Firing { index, seq: step.seq, at: step.at, since, rules: vec![0], log_e: Some(7.5), threshold }
}

fn picture(trace: &Trace, name: &str) -> String {
    let readings: Vec<Reading> = (0..trace.steps.len())
        .map(|index| Reading { log_e: Some(index as f64 / 4.0 - 1.0), violated: index > 26 })
        .collect();
    let firings = [3, 30, 33].map(|index| firing(trace, index));
    let score = Score::of(trace, 0, &firings);
    let lane = |name: &str, threshold: Option<f64>, level: Option<f64>| Lane {
        name: name.to_owned(),
        readings: &readings,
        threshold,
        level,
        firings: &firings,
        meanings: &score.meanings,
    };
    draw(&Chart {
        title: name,
        subtitles: ["noticed the onset after 6 min", "40 blocks, one per 1 min"],
        axis: "bad events among all",
        window: Duration::from_mins(1),
        is_share: true,
        trace,
        baseline: Some((6, Some(0.025))),
        lanes: vec![
            lane("worse than control by 20%", Some(1_000.0_f64.ln()), None),
            lane("above 5% for 5m", None, Some(0.05)),
        ],
    })
}

#[test]
fn the_picture_is_drawn_as_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/chart.svg");
    let drawn = picture(&series(true), "submit-errors");
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &drawn).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        drawn == golden,
        "the picture has changed: look at it, then UPDATE=1 cargo nextest run -p ripcord-backtest"
    );
}

#[test]
fn everything_that_was_asked_for_is_in_it() {
    let drawn = picture(&series(true), "submit-errors");
    let count = |text: &str| drawn.matches(text).count();
    assert_eq!(count("class=\"onset\""), 2, "in the legend and at its place");
    // One for each rule, and one in the legend.
    assert_eq!((count("class=\"fired\""), count("class=\"hollow\""), count("class=\"again\"")), (3, 3, 3));
    for words in [
        "bad events among all",
        "evidence, ln e",
        "time, UTC",
        "once in 1000",
        ">5 %<",
        ">14:20<",
        ">baseline<",
    ] {
        assert!(drawn.contains(words), "{words}");
    }
    assert!(drawn.contains("prefers-color-scheme:dark"));
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "no number is missing");
}

#[test]
fn where_nobody_said_what_was_wrong_nothing_is_called_so() {
    let mut trace = series(false);
    trace.wrong = None;
    let drawn = picture(&trace, "x");
    assert!(!drawn.contains("onset<") && !drawn.contains("nothing wrong"), "{drawn}");
}

#[test]
fn names_cannot_break_out() {
    let drawn = picture(&series(true), "<script>alert(1)</script> & \"x\"\u{1b}[31m");
    assert!(drawn.contains("&lt;script&gt;") && drawn.contains("&amp; &quot;x&quot;"));
    assert!(!drawn.contains("<script") && !drawn.contains('\u{1b}'));
}
