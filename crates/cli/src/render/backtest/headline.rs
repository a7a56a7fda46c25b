//! The answer in one sentence.

use ripcord_backtest::{replay::Run, score::Delay};

use super::{super::words, shown};
use crate::commands::backtest::Answer;

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

fn times(number: usize) -> String {
    match number {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{} times", words::thousands(more as u64)),
    }
}
