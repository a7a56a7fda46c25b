//! From cells to blocks.

use ripcord_engine::{Arms, Counts, Exposed, Sample};
use ripcord_model::{Duration, Timestamp};

use super::{
    Clock, Kind, Step, Trace, Treatment,
    cell::{self, Cell},
    marks,
    order::{count_gaps, put_in_order, usual_step},
};
use crate::{
    columns::{self, Data, Layout, Named, Unclear},
    flaw::{Flaw, Flaws},
    instant::{self, Instant},
    table::Table,
};

/// Blocks without instants are taken to be as far apart as Ripcord's own.
const ASSUMED_STEP: Duration = Duration::from_secs(5);

/// What a person said about a file.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What columns mean.
    pub columns: Vec<Named>,
    /// Only rows whose column has this text.
    pub only: Vec<(String, String)>,
    /// Time between blocks, where the file has only numbers.
    pub interval: Option<Duration>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

/// Why a file is no series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Cells that cannot be read.
    #[error("{} in the file", if .0.found == 1 { "a mistake".to_owned() } else { format!("{} mistakes", .0.found) })]
    Flaws(Flaws),
    /// Columns that cannot be told apart.
    #[error(transparent)]
    Columns(#[from] Unclear),
    /// Nothing is left.
    #[error("no row is left: {0}")]
    Empty(String),
}

impl From<Flaws> for Unreadable {
    fn from(flaws: Flaws) -> Self {
        Self::Flaws(flaws)
    }
}

/// Reads a table as a series.
///
/// Rows are put in order; of rows with the same instant or number the first counts; empty cells and what is no finite
/// number are missing; all of it is counted in the [`Treatment`].
///
/// # Errors
/// Columns that are unclear, and every cell that cannot be read.
pub fn read(table: &Table<'_>, options: &Options) -> Result<Trace, Unreadable> {
    let layout = columns::recognise(table.names(), &options.columns)?;
    let mut reader =
        Reader { table, layout: &layout, flaws: Flaws::default(), treatment: Treatment::default() };
    let mut rows = reader.rows(options)?;
    reader.refuse_mixed_instants(&rows);
    let Reader { flaws, mut treatment, .. } = reader;
    flaws.or(())?;
    if rows.is_empty() {
        let left_out = format!("{} rows are left out by --where, --from or --to", treatment.left_out);
        return Err(Unreadable::Empty(left_out));
    }
    treatment.rows = table.len();
    treatment.unused_columns.clone_from(&layout.unused);
    let clock = if rows.iter().any(|row| row.at.is_some()) { Clock::Recorded } else { Clock::Assumed };
    put_in_order(&mut rows, clock, options.interval.unwrap_or(ASSUMED_STEP), &mut treatment);
    let wrong = layout.wrong.map(|wrong| {
        let marks: Vec<bool> = rows.iter().map(|row| row.marked).collect();
        marks::spans(&marks, wrong.is_onset)
    });
    let steps: Vec<Step> = rows.into_iter().map(Row::step).collect();
    let step = usual_step(&steps).unwrap_or(options.interval.unwrap_or(ASSUMED_STEP));
    count_gaps(&steps, step, &mut treatment);
    let (kind, has_control) = (kind(&layout.data), layout.data.has_control());
    Ok(Trace { kind, has_control, clock, step, steps, wrong, treatment })
}

fn kind(data: &Data) -> Kind {
    match data {
        Data::Counts { canary, .. } if canary.is_good => Kind::Success,
        Data::Counts { .. } => Kind::Ratio,
        Data::Events { .. } => Kind::Count,
        Data::Values { .. } => Kind::Value,
    }
}

/// A row, read.
pub(super) struct Row {
    index: usize,
    pub(super) seq: Option<u64>,
    pub(super) at: Option<Timestamp>,
    sample: Option<Sample>,
    requests: Arms<u64>,
    marked: bool,
}

impl Row {
    fn step(self) -> Step {
        let Self { index: _, seq, at, sample, requests, marked: _ } = self;
        Step { seq: seq.unwrap_or(0), at: at.unwrap_or_default(), sample, groups: None, requests }
    }
}

/// Reads rows, and counts what is not as it should be.
struct Reader<'a> {
    table: &'a Table<'a>,
    layout: &'a Layout,
    flaws: Flaws,
    treatment: Treatment,
}

impl Reader<'_> {
    fn rows(&mut self, options: &Options) -> Result<Vec<Row>, Unreadable> {
        let mut only = Vec::new();
        for (name, text) in &options.only {
            let column = self.table.names().iter().position(|known| known == name);
            let column = column.ok_or_else(|| Unclear {
                problem: format!("there is no column `{name}`"),
                columns: self.table.names().to_vec(),
            })?;
            only.push((column, text.as_str()));
        }
        let mut rows = Vec::with_capacity(self.table.len());
        for index in 0..self.table.len() {
            if only.iter().any(|(column, text)| self.table.cell(index, *column) != *text) {
                self.treatment.left_out += 1;
                continue;
            }
            let (seq, at) = self.place(index);
            let within = at.is_none_or(|at| {
                options.from.is_none_or(|from| at >= from) && options.to.is_none_or(|to| at <= to)
            });
            if !within {
                self.treatment.left_out += 1;
                continue;
            }
            let marked = self.marked(index);
            let (sample, requests) = self.measured(index);
            rows.push(Row { index, seq, at, sample, requests, marked });
        }
        Ok(rows)
    }

    /// The row's number and instant. Instants that are small numbers are numbers.
    fn place(&mut self, row: usize) -> (Option<u64>, Option<Timestamp>) {
        let mut seq = None;
        if let Some(column) = self.layout.seq {
            match cell::count(self.table.cell(row, column)) {
                Cell::Is(number) => seq = Some(number),
                Cell::Missing | Cell::Wrong => {
                    self.wrong(row, column, "not a number of a block", "a whole number")
                }
            }
        }
        let Some(column) = self.layout.time else { return (seq, None) };
        match instant::parse(self.table.cell(row, column)) {
            Some(Instant::At(at)) => (seq, Some(at)),
            Some(Instant::Number(number)) => (seq.or(Some(number)), None),
            None => {
                self.wrong(row, column, "not an instant", instant::EXPECTED);
                (seq, None)
            }
        }
    }

    /// A column that has instants in some rows and small numbers in others is neither.
    fn refuse_mixed_instants(&mut self, rows: &[Row]) {
        let Some(column) = self.layout.time else { return };
        if self.flaws.found == 0 && rows.iter().any(|row| row.at.is_some()) {
            for row in rows.iter().filter(|row| row.at.is_none()) {
                self.wrong(row.index, column, "not an instant", instant::EXPECTED);
            }
        }
    }

    fn marked(&mut self, row: usize) -> bool {
        let Some(wrong) = self.layout.wrong else { return false };
        match cell::mark(self.table.cell(row, wrong.column)) {
            Cell::Is(marked) => marked,
            Cell::Missing | Cell::Wrong => {
                self.wrong(row, wrong.column, "neither yes nor no", "0 or 1");
                false
            }
        }
    }

    fn wrong(&mut self, row: usize, column: usize, problem: &str, expected: &str) {
        let flaw: Flaw = self.table.flaw(row, column, problem, expected);
        self.flaws.push(flaw);
    }

    fn measured(&mut self, row: usize) -> (Option<Sample>, Arms<u64>) {
        match self.layout.data {
            Data::Counts { canary, control } => {
                let canary = self.counts(row, canary);
                let counted = control.map(|columns| self.counts(row, columns));
                self.note_missing(canary.is_none() || counted == Some(None));
                let control = counted.flatten();
                if canary.is_none() && control.is_none() {
                    return (None, Arms::default());
                }
                let arms = Arms { canary: canary.unwrap_or_default(), control: control.unwrap_or_default() };
                (Some(Sample::Counts(arms)), Arms { canary: arms.canary.n, control: arms.control.n })
            }
            Data::Events { canary, control } => {
                let canary = self.events(row, canary);
                let control = control.map(|columns| self.events(row, columns));
                self.note_missing(canary.is_none() || control == Some(None));
                let sample = canary.map(|canary| {
                    Sample::Exposed(Arms { canary, control: control.flatten().unwrap_or_default() })
                });
                (sample, Arms::default())
            }
            Data::Values { canary, control, requests } => {
                let arms = Arms {
                    canary: self.value(row, canary),
                    control: control.and_then(|column| self.value(row, column)),
                };
                self.note_missing(arms.canary.is_none() || (control.is_some() && arms.control.is_none()));
                let requests =
                    requests.and_then(|column| self.amount(row, column)).unwrap_or(0.0).round() as u64;
                let heard = arms.canary.is_some() || arms.control.is_some();
                (heard.then_some(Sample::Values(arms)), Arms { canary: requests, control: 0 })
            }
        }
    }

    fn note_missing(&mut self, missing: bool) {
        self.treatment.missing += usize::from(missing);
    }

    fn counts(&mut self, row: usize, columns: columns::Counts) -> Option<Counts> {
        let (n, part) = (self.count(row, columns.all)?, self.count(row, columns.part)?);
        if part > n {
            let problem = format!("{part} among {n}");
            let expected = "at most as many as all; where one thing can happen several times, name what it \
                            happens over: --columns exposure=COLUMN";
            self.wrong(row, columns.part, &problem, expected);
            return None;
        }
        Some(Counts { n, bad: if columns.is_good { n - part } else { part } })
    }

    fn count(&mut self, row: usize, column: usize) -> Option<u64> {
        match cell::count(self.table.cell(row, column)) {
            Cell::Is(count) => Some(count),
            Cell::Missing => None,
            Cell::Wrong => {
                self.wrong(row, column, "not a count", "a whole number, at least 0");
                None
            }
        }
    }

    fn events(&mut self, row: usize, (events, exposure): (usize, Option<usize>)) -> Option<Exposed> {
        let events = self.amount(row, events)?;
        let exposure = exposure.map_or(Some(1.0), |column| self.amount(row, column))?;
        Some(Exposed { exposure, events })
    }

    fn amount(&mut self, row: usize, column: usize) -> Option<f64> {
        match cell::amount(self.table.cell(row, column)) {
            Cell::Is(amount) => Some(amount),
            Cell::Missing => None,
            Cell::Wrong => {
                self.wrong(row, column, "not an amount", "a number, at least 0");
                None
            }
        }
    }

    fn value(&mut self, row: usize, column: usize) -> Option<f64> {
        match cell::number(self.table.cell(row, column)) {
            Cell::Is(value) => Some(value),
            Cell::Missing => None,
            Cell::Wrong => {
                self.wrong(row, column, "not a number", "a number with a decimal point");
                None
            }
        }
    }
}
