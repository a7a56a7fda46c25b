//! A replay as people read it: the answer, the series, a table of rules, what fired, and how the file was treated.

use ripcord_backtest::{
    replay::Run,
    score::{Delay, Firing, Meaning},
    trace::{Clock, Kind},
};
use ripcord_model::{Duration, Timestamp};

use super::{
    Look, Tone,
    layout::{Rows, table, wrap},
    words,
};
use crate::commands::backtest::{Answer, Wrong};

/// Rule names are wrapped in the table.
const NAME_WIDTH: usize = 28;
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
    for line in rules(answer) {
        text.push_str(&format!("  {line}").replace('\u{a0}', " "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text.push('\n');
    let mut rows = Rows::new(look);
    fired(&mut rows, answer);
    notes(&mut rows, answer);
    next(&mut rows, answer);
    text.push_str(&rows.finish());
    text
}

/// The answer in one sentence.
pub fn headline(answer: &Answer) -> String {
    let name = &answer.signal;
    let Some(wrong) = &answer.wrong else {
        let firings: usize = answer.runs().map(|run| run.firings.len()).sum();
        return match firings {
            0 => format!("{name}: no rule fired"),
            _ => format!(
                "{name}: {} in all; nobody has said when something was wrong",
                words::counted(firings as u64, "firing")
            ),
        };
    };
    if wrong.is_empty() {
        let firings: usize = answer.runs().map(|run| run.score.false_firings).sum();
        return format!("{name}: nothing was wrong, and the rules fired {} all the same", times(firings))
            .replace("fired never all the same", "did not fire");
    }
    let all = wrong.len();
    let noticed_all = || answer.runs().filter(|run| run.score.noticed() == all);
    let what = if all == 1 { "the onset".to_owned() } else { format!("all {all} onsets") };
    if let Some((run, delay)) = quickest(noticed_all().filter(|run| run.score.false_firings == 0)) {
        let median = if all == 1 { "" } else { ", in the middle," };
        return format!(
            "{name}: `{}` noticed {what} after{median} {} and never fired with nothing wrong",
            run.name,
            shown(delay.duration())
        );
    }
    if let Some((run, delay)) = quickest(noticed_all()) {
        return format!(
            "{name}: `{}` noticed {what} after {}, but fired {} with nothing wrong; no rule did better",
            run.name,
            shown(delay.duration()),
            times(run.score.false_firings)
        );
    }
    match answer.runs().map(|run| run.score.noticed()).max().unwrap_or(0) {
        0 => format!("{name}: no rule noticed {what}"),
        most => format!("{name}: no rule noticed all {all} onsets; the best noticed {most}"),
    }
}

fn quickest<'runs>(runs: impl Iterator<Item = &'runs Run>) -> Option<(&'runs Run, Delay)> {
    runs.filter_map(|run| Some((run, run.score.median_delay()?))).min_by_key(|(_, delay)| delay.ms)
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

/// The table of rules.
fn rules(answer: &Answer) -> Vec<String> {
    let is_marked = answer.wrong.as_ref().is_some_and(|wrong| !wrong.is_empty());
    let knows_requests =
        answer.runs().any(|run| run.score.median_delay().is_some_and(|delay| delay.requests.is_some()));
    let mut header = vec!["rule"];
    if is_marked {
        header.extend(["noticed", "after", "blocks"]);
        if knows_requests {
            header.push("requests");
        }
    }
    header.push(if answer.wrong.is_some() { "false" } else { "fired" });
    let mut rows = Vec::new();
    for candidate in &answer.candidates {
        for run in candidate {
            let is_set = run.rules.len() > 1;
            let name = if is_set { format!("all {} together", run.rules.len()) } else { run.name.clone() };
            let mut lines = wrap(&name, NAME_WIDTH).into_iter();
            let mut row = vec![lines.next().unwrap_or_default()];
            row.extend(cells(answer, run, is_marked, knows_requests));
            rows.push(row);
            for line in lines {
                let mut rest = vec![format!("\u{a0}\u{a0}{line}")];
                rest.resize(header.len(), String::new());
                rows.push(rest);
            }
        }
    }
    let right: Vec<usize> = (1..header.len()).collect();
    table(&header, &rows, &right)
}

fn cells(answer: &Answer, run: &Run, is_marked: bool, knows_requests: bool) -> Vec<String> {
    let mut cells = Vec::new();
    if is_marked {
        let delay = run.score.median_delay();
        let or_nothing = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        cells.push(format!("{} of {}", run.score.noticed(), run.score.spans.len()));
        cells.push(or_nothing(delay.map(|delay| shown(delay.duration()))));
        cells.push(or_nothing(delay.map(|delay| words::thousands(delay.blocks as u64))));
        if knows_requests {
            cells.push(or_nothing(delay.and_then(|delay| delay.requests).map(words::thousands)));
        }
    }
    let (fired, blocks) = if answer.wrong.is_some() {
        (run.score.false_firings, run.score.quiet_blocks)
    } else {
        (run.firings.len(), run.score.quiet_blocks)
    };
    let over = coarse(Duration::from_ms((blocks as u64).saturating_mul(answer.step_ms)));
    cells.push(format!("{} in {over}", words::thousands(fired as u64)));
    cells
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

/// Everything that was not taken as it stands.
fn notes(rows: &mut Rows<'_>, answer: &Answer) {
    let treatment = &answer.treatment;
    let rows_of = |number: usize| words::counted(number as u64, "row");
    let mut note = |number: usize, text: String| {
        if number > 0 {
            rows.row("note", &text);
        }
    };
    note(treatment.left_out, format!("{} left out by --where, --from or --to", rows_of(treatment.left_out)));
    note(
        treatment.reordered,
        format!("{} stood before an earlier one; put in order", rows_of(treatment.reordered)),
    );
    note(
        treatment.duplicates,
        format!("{} with an instant or number seen before; ignored", rows_of(treatment.duplicates)),
    );
    note(
        treatment.missing,
        format!(
            "{} with an empty cell or no finite number; they say nothing, which is not zero",
            rows_of(treatment.missing)
        ),
    );
    note(
        treatment.gaps,
        format!(
            "{} of more than three blocks, the longest {}; a pause of {} ends a violation",
            words::counted(treatment.gaps as u64, "pause"),
            Duration::from_ms(treatment.longest_gap_ms).human(),
            Duration::from_ms(answer.patience_ms).human()
        ),
    );
    let unused = &treatment.unused_columns;
    note(unused.len(), format!("columns not looked at: {}", unused.join(", ")));
    for text in answer.troubles.iter().chain(&answer.left_out) {
        rows.row("note", text);
    }
    if answer.rules_are_proposed {
        rows.row("note", "no rules were named, so these are proposals; try your own with --rules");
    }
    if answer.clock == Clock::Recorded {
        rows.row("note", "instants without a zone are read as UTC");
    }
    if answer.runs().any(|run| run.firings.len() > 1) {
        rows.row("note", "after a firing everything begins anew at the next block, as a new release would");
    }
    if answer.runs().any(|run| run.threshold.is_some()) {
        let chance = words::value(answer.false_rollback, true);
        rows.row("note", &format!("evidence may fire with nothing wrong with a chance of {chance} per release, each rule by itself"));
    }
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

fn times(number: usize) -> String {
    match number {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{} times", words::thousands(more as u64)),
    }
}

/// `0 s` at once.
fn shown(duration: Duration) -> String {
    if duration == Duration::ZERO { "0 s".to_owned() } else { duration.human() }
}

/// The largest unit alone: `13 d`, `4 h`.
fn coarse(duration: Duration) -> String {
    let text = shown(duration);
    let words: Vec<&str> = text.split(' ').collect();
    words[..words.len().min(2)].join(" ")
}

fn instant(instant: Timestamp) -> String {
    let jiff = instant.to_jiff();
    let form = if instant.as_ms() % 1_000 == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.3f" };
    jiff.strftime(form).to_string()
}
