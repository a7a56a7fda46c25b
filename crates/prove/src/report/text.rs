//! A proof as a table for a terminal, and as Markdown for a review.

use std::fmt::Write as _;

use super::Proof;
use crate::verdict::{Step, Trial, Verdict};

/// How wide a line of the table may be.
const WIDTH: usize = 80;
/// How many lines of a difference are shown.
const LINES: usize = 12;

/// The proof as a table of at most 80 columns.
#[must_use]
pub fn table(proof: &Proof, all: bool) -> String {
    let mut out = String::new();
    let shown: Vec<&Trial> = proof.migrations.iter().filter(|trial| all || notable(trial)).collect();
    if !shown.is_empty() {
        line(&mut out, format!("{:<22} {:<13} {:>8} {:>8}  why", "migration", "verdict", "up", "back"));
    }
    for trial in &shown {
        let title = cut(&title(trial), 22);
        let verdict = trial.verdict.as_str();
        let (up, down) = (seconds(trial.up.as_ref()), seconds(trial.down.as_ref()));
        let head = format!("{title:<22} {verdict:<13} {up:>8} {down:>8}  ");
        let room = WIDTH - head.chars().count();
        if trial.reason.chars().count() <= room {
            line(&mut out, format!("{head}{}", trial.reason));
            continue;
        }
        line(&mut out, head);
        wrapped(&trial.reason, WIDTH - 4, WIDTH - 4)
            .into_iter()
            .for_each(|rest| line(&mut out, format!("    {rest}")));
    }
    let rest = proof.migrations.len() - shown.len();
    if rest > 0 {
        let and = if shown.is_empty() { "" } else { "and " };
        line(&mut out, format!("{and}{rest} exact or the same but for the order of columns (--all)"));
    }
    for missing in &proof.missing {
        wrapped(&format!("not on the scratch server: {missing}"), WIDTH, WIDTH)
            .into_iter()
            .for_each(|text| line(&mut out, text));
    }
    out
}

fn notable(trial: &Trial) -> bool {
    !matches!(trial.verdict, Verdict::Exact | Verdict::OrderOnly)
}

/// The proof as Markdown: a table, then every difference in full.
#[must_use]
pub fn markdown(proof: &Proof) -> String {
    let mut out = String::new();
    line(&mut out, "# Proof of the way back".to_owned());
    line(&mut out, String::new());
    let span = match (&proof.from, &proof.to) {
        (Some(from), Some(to)) => format!("after {from}, up to {to}"),
        (None, Some(to)) => format!("up to {to}"),
        (_, None) => "none".to_owned(),
    };
    line(&mut out, format!("- {} migrations of {}, {span}", proof.migrations.len(), proof.convention));
    line(&mut out, format!("- {}, {}", proof.server, proof.source));
    line(&mut out, format!("- files: `{}`", proof.hash));
    line(&mut out, format!("- {}", totals(proof)));
    proof
        .missing
        .iter()
        .for_each(|missing| line(&mut out, format!("- not on the scratch server: {missing}")));
    line(&mut out, String::new());
    line(&mut out, "| migration | verdict | up | back | again | why |".to_owned());
    line(&mut out, "|---|---|--:|--:|--:|---|".to_owned());
    for trial in &proof.migrations {
        let cells = [
            title(trial),
            trial.verdict.as_str().to_owned(),
            seconds(trial.up.as_ref()),
            seconds(trial.down.as_ref()),
            seconds(trial.again.as_ref()),
            trial.reason.clone(),
        ];
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        line(&mut out, format!("| {} |", cells.join(" | ")));
    }
    for trial in &proof.migrations {
        details(&mut out, trial);
    }
    out
}

fn details(out: &mut String, trial: &Trial) {
    let mut lines: Vec<String> = trial.losses.iter().map(|loss| format!("lost: {loss}")).collect();
    lines
        .extend(trial.left_behind.iter().map(|(table, rows)| format!("left behind: {rows} rows in {table}")));
    lines
        .extend(trial.left.lines().into_iter().take(LINES).map(|text| format!("after the way back: {text}")));
    lines.extend(
        trial.again_left.lines().into_iter().take(LINES).map(|text| format!("forward again: {text}")),
    );
    lines.extend(trial.again_error.iter().map(|error| format!("forward again: {error}")));
    lines.extend(trial.notes.iter().cloned());
    if lines.is_empty() {
        return;
    }
    let locks =
        trial.up.iter().flat_map(|step| &step.locks).map(|lock| format!("{} on {}", lock.mode, lock.table));
    lines.extend(locks.take(LINES).map(|lock| format!("up held: {lock}")));
    line(out, format!("\n## {}\n", title(trial)));
    lines.into_iter().for_each(|text| line(out, format!("- {}", text.replace('\n', " "))));
}

/// Verdicts and how often each was given, best first.
pub(crate) fn totals(proof: &Proof) -> String {
    let counts: Vec<_> =
        proof.totals.iter().map(|(verdict, count)| format!("{count} {}", verdict.as_str())).collect();
    if counts.is_empty() { "nothing to prove".to_owned() } else { counts.join(", ") }
}

fn title(trial: &Trial) -> String {
    if trial.name.is_empty() { trial.version.clone() } else { format!("{} {}", trial.version, trial.name) }
}

fn seconds(step: Option<&Step>) -> String {
    match step.map(|step| step.seconds) {
        None => "–".to_owned(),
        Some(seconds) if seconds < 1.0 => format!("{:.0} ms", seconds * 1000.0),
        Some(seconds) => format!("{seconds:.1} s"),
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(width - 1).collect::<String>())
    }
}

/// Lines of words: the first of one width, the others of another. A word that is too long is cut.
fn wrapped(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let width = if lines.len() == 1 { first } else { rest };
        let word = cut(word, rest);
        let last = lines.len() - 1;
        if lines[last].chars().count() + word.chars().count() + 1 > width
            && !(lines[last].is_empty() && last > 0)
        {
            lines.push(word);
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(&word);
        }
    }
    lines
}

fn line(out: &mut String, text: String) {
    // A string takes everything that is written to it.
    let _ = writeln!(out, "{}", text.trim_end());
}
