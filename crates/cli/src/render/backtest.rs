//! A replay as people read it: the answer, the series, a table of rules, what fired, and how the file was treated.

mod headline;
mod notes;
mod rules;

use ripcord_backtest::{
    replay::Run,
    score::{Firing, Meaning},
    trace::{Clock, Kind},
};
use ripcord_model::{Duration, Timestamp};

pub use self::headline::headline;
use super::{
    Look, Tone,
    layout::{Rows, wrap},
    words,
};
use crate::commands::backtest::{Answer, Wrong};

/// So many firings of a rule are listed.
const LISTED: usize = 3;

/// The whole answer.
pub fn answer(answer: &Answer, look: &Look) -> String {
    let headline = headline(answer);
    let mut text = wrap(&headline, super::layout::WIDTH)
        .iter()
        .map(|line| look.paint(Tone::Strong, line) + "\n")
        .collect::<String>();
    text.push('\n');
    let mut rows = Rows::new(look);
    about(&mut rows, answer);
    text.push_str(&rows.finish());
    text.push('\n');
    for line in rules::rules(answer) {
        text.push_str(&format!("  {line}").replace('\u{a0}', " "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text.push('\n');
    let mut rows = Rows::new(look);
    fired(&mut rows, answer);
    notes::notes(&mut rows, answer);
    next(&mut rows, answer);
    text.push_str(&rows.finish());
    text
}

/// What the series is, in one line.
pub fn series(answer: &Answer) -> String {
    let blocks = words::counted(answer.blocks as u64, "block");
    let step = Duration::from_ms(answer.step_ms).human();
    match answer.clock {
        Clock::Recorded => {
            format!("{blocks}, one per {step}, {} to {} UTC", instant(answer.from), instant(answer.to))
        }
        Clock::Assumed => {
            format!("{blocks}, number {} to {}, taken {step} apart", answer.numbers.0, answer.numbers.1)
        }
    }
}

fn about(rows: &mut Rows<'_>, answer: &Answer) {
    rows.row("from", &answer.source);
    rows.row("series", &series(answer));
    let measured = match (answer.kind, answer.has_control) {
        (Kind::Ratio, true) => "bad events among all, canary and control",
        (Kind::Ratio, false) => "bad events among all, one series",
        (Kind::Success, true) => "good events among all, canary and control",
        (Kind::Success, false) => "good events among all, one series",
        (Kind::Count, true) => "events per exposure, canary and control",
        (Kind::Count, false) => "events per exposure, one series",
        (Kind::Quantile, _) => "a quantile with its histogram, canary and control",
        (Kind::Value, true) => "values, canary and control",
        (Kind::Value, false) => "values, one series",
    };
    rows.row("measured", measured);
    for wrong in answer.wrong.iter().flatten().take(LISTED) {
        rows.row("onset", &onset(answer, wrong));
    }
    if let Some(more) =
        answer.wrong.as_ref().and_then(|wrong| wrong.len().checked_sub(LISTED)).filter(|more| *more > 0)
    {
        rows.row("onset", &format!("and {more} more"));
    }
    if let Some(baseline) = &answer.baseline {
        let is_share = matches!(answer.kind, Kind::Ratio | Kind::Success);
        let value = baseline.value.map_or_else(
            || "unknown: nothing was measured in it".to_owned(),
            |value| words::value(value, is_share),
        );
        let whose = if baseline.of_control { " of the control" } else { "" };
        let blocks = words::counted(baseline.blocks as u64, "block");
        let cut = if baseline.cut_at_onset { ", cut at the onset" } else { "" };
        rows.row(
            "baseline",
            &format!("{value}{whose}, from the first {blocks}{cut}; replayed from there on"),
        );
    }
}

fn onset(answer: &Answer, wrong: &Wrong) -> String {
    let blocks = words::counted(wrong.blocks as u64, "block");
    match answer.clock {
        Clock::Recorded => format!("{} UTC, for {blocks}", instant(wrong.from)),
        Clock::Assumed => format!("block {}, for {blocks}", wrong.block),
    }
}

fn fired(rows: &mut Rows<'_>, answer: &Answer) {
    for run in answer.runs().filter(|run| run.rules.len() == 1) {
        // What was noticed already is noticed again and again; that says nothing new.
        let all = run.firings.iter().zip(&run.score.meanings);
        let news: Vec<_> = all.filter(|(_, meaning)| !matches!(meaning, Meaning::Again { .. })).collect();
        for (firing, meaning) in news.iter().take(LISTED) {
            rows.row("fired", &firing_words(answer, run, firing, **meaning));
        }
        if news.len() > LISTED {
            rows.row(
                "fired",
                &format!("{}: and {} more", run.name, words::thousands((news.len() - LISTED) as u64)),
            );
        }
    }
}

fn firing_words(answer: &Answer, run: &Run, firing: &Firing, meaning: Meaning) -> String {
    let at = match answer.clock {
        Clock::Recorded => format!("{} (block {})", instant(firing.at), firing.seq),
        Clock::Assumed => format!("block {}", firing.seq),
    };
    let meaning = match meaning {
        Meaning::Noticed { span } => {
            let after = run.score.spans[span].map_or_else(String::new, |delay| shown(delay.duration()));
            format!(", {after} after the onset")
        }
        Meaning::False => ", with nothing wrong".to_owned(),
        Meaning::Again { .. } | Meaning::Unknown => String::new(),
    };
    let odds =
        firing.log_e.map(|log_e| format!("; by chance at most {}", words::one_in(log_e))).unwrap_or_default();
    format!("{}: {at}{meaning}{odds}", run.name)
}

fn next(rows: &mut Rows<'_>, answer: &Answer) {
    if answer.wrong.is_none() {
        rows.row("next", "say when something was wrong: --onset INSTANT, or a column label");
    }
    match &answer.svg {
        Some(path) => rows.row("picture", path),
        None => rows.row("next", "see it: --svg FILE.svg"),
    }
}

/// `0 s` at once.
fn shown(duration: Duration) -> String {
    if duration == Duration::ZERO { "0 s".to_owned() } else { duration.human() }
}

fn instant(instant: Timestamp) -> String {
    let jiff = instant.to_jiff();
    let form = if instant.as_ms() % 1_000 == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.3f" };
    jiff.strftime(form).to_string()
}
