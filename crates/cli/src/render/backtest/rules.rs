//! The table of rules.

use ripcord_backtest::replay::Run;
use ripcord_model::Duration;

use super::{
    super::{
        layout::{table, wrap},
        words,
    },
    shown,
};
use crate::commands::backtest::Answer;

/// Rule names are wrapped in the table.
const NAME_WIDTH: usize = 28;

/// The table of rules.
pub(super) fn rules(answer: &Answer) -> Vec<String> {
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

/// The largest unit alone: `13 d`, `4 h`.
fn coarse(duration: Duration) -> String {
    let text = shown(duration);
    let words: Vec<&str> = text.split(' ').collect();
    words[..words.len().min(2)].join(" ")
}
