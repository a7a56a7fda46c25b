//! A series from a file.

use std::{io::Read as _, path::Path};

use ripcord_backtest::{
    flaw::{Flaw, Flaws, shortened},
    table::Table,
    trace::{self, Options, Unreadable},
};
use ripcord_model::SignalName;

use super::{Arguments, measured::Measured};
use crate::{
    failure::CommandError,
    render::{
        layout::{WIDTH, wrap},
        words,
    },
    surroundings,
};

/// A larger file is refused; so much is read at most.
const FILE_MAX: u64 = 256 * 1024 * 1024;

/// Reads the file as a series.
pub(super) fn read(
    path: &Path,
    name: Option<SignalName>,
    arguments: &Arguments,
) -> Result<Measured, CommandError> {
    let shown = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    let text = text(path, &shown)?;
    let table = Table::read(&text).map_err(|flaws| flawed(&shown, &text, &flaws))?;
    let options = Options {
        columns: arguments.columns.clone(),
        only: arguments.only.clone(),
        interval: arguments.interval,
        from: arguments.from,
        to: arguments.to,
    };
    let trace = trace::read(&table, &options).map_err(|error| match error {
        Unreadable::Flaws(flaws) => flawed(&shown, &text, &flaws),
        Unreadable::Columns(unclear) => {
            CommandError::refused("unclear-columns", format!("{shown}: {unclear}"))
                .hinted("ripcord backtest --help   lists what columns can be called")
        }
        Unreadable::Empty(_) => CommandError::refused("empty-series", format!("{shown}: {error}")),
    })?;
    let name = name.unwrap_or_else(|| named_as(path));
    let troubles = many_at_once(&trace);
    Ok(Measured { name, source: shown, trace, troubles })
}

fn text(path: &Path, shown: &str) -> Result<String, CommandError> {
    let unreadable = |error: std::io::Error| {
        CommandError::refused("unreadable-file", format!("{shown} cannot be read")).because(error)
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        surroundings::standard_input().take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() as u64 > FILE_MAX {
        let message = format!("{shown} is larger than {} MiB", FILE_MAX / 1024 / 1024);
        return Err(
            CommandError::refused("file-too-large", message).hinted("cut it, or take every tenth row")
        );
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("{shown}:{line}: this is not UTF-8 text");
        CommandError::refused("not-text", message).hinted(format!("iconv -t UTF-8 {shown} > utf8.csv"))
    })
}

/// All mistakes, each with the line it stands in.
fn flawed(shown: &str, text: &str, flaws: &Flaws) -> CommandError {
    let drawn: Vec<String> = flaws.listed.iter().map(|flaw| drawn(shown, text, flaw)).collect();
    let rest = flaws.found - flaws.listed.len();
    let more = if rest == 0 { String::new() } else { format!("\n\nand {rest} more") };
    let mistakes = words::counted(flaws.found as u64, "mistake");
    let data = serde_json::to_value(flaws).expect("mistakes are plain data");
    CommandError::refused("unusable-file", format!("{mistakes} in {shown}; nothing was replayed"))
        .found(format!("{}{more}", drawn.join("\n\n")), data)
}

fn drawn(shown: &str, text: &str, flaw: &Flaw) -> String {
    let line = text.lines().nth(flaw.line.saturating_sub(1) as usize).unwrap_or_default();
    let Flaw { line: number, column, text: found, problem, expected } = flaw;
    let found = shortened(found);
    let place = format!("{shown}:{number}:{column}: {problem}: `{found}`\n  {number} | {}", shortened(line));
    let expected = wrap(&format!("expected {expected}"), WIDTH - 2);
    expected.iter().fold(place, |text, line| format!("{text}\n  {line}"))
}

/// Many rows at one instant are usually several series in one file.
fn many_at_once(trace: &trace::Trace) -> Vec<String> {
    let treatment = &trace.treatment;
    let many = treatment.duplicates * 10 > treatment.rows && !treatment.unused_columns.is_empty();
    let columns = treatment.unused_columns.join(", ");
    let words = || {
        format!(
            "many rows share their instant: if these are several series, choose one with --where COLUMN=TEXT ({columns})"
        )
    };
    many.then(words).into_iter().collect()
}

/// A name for the signal from the file's.
fn named_as(path: &Path) -> SignalName {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    SignalName::new(plain.trim_matches('-'))
        .or_else(|_| SignalName::new("signal"))
        .expect("`signal` is a name")
}
