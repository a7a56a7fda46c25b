//! What a set of columns amounts to.

use super::{Arm, Quantity, Role};

/// What the columns of a file amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The instant of a row.
    pub time: Option<usize>,
    /// The number of a row.
    pub seq: Option<usize>,
    /// Where something was wrong.
    pub wrong: Option<Wrong>,
    /// What was measured.
    pub data: Data,
    /// Names of columns that are not looked at.
    pub unused: Vec<String>,
}

/// A column that says where something was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    /// The column.
    pub column: usize,
    /// Whether a single mark means from there on, not only there.
    pub is_onset: bool,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Bad ones among all, on one side or both.
    Counts {
        /// What is judged.
        canary: Counts,
        /// What it is compared with.
        control: Option<Counts>,
    },
    /// How often something happened over how much it could have; without an exposure, per row.
    Events {
        /// How often, and over what.
        canary: (usize, Option<usize>),
        /// The same of the control.
        control: Option<(usize, Option<usize>)>,
    },
    /// Values, and how many requests they are about where that is known.
    Values {
        /// What is judged.
        canary: usize,
        /// What it is compared with.
        control: Option<usize>,
        /// Requests of what is judged.
        requests: Option<usize>,
    },
}

/// The two counts of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// All events.
    pub all: usize,
    /// The bad ones, or the good ones.
    pub part: usize,
    /// Whether the part is the good ones.
    pub is_good: bool,
}

/// Columns that cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; the columns are: {}", columns.join(", "))]
pub struct Unclear {
    /// What is unclear.
    pub problem: String,
    /// The names of all columns.
    pub columns: Vec<String>,
}

/// What one side has.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    all: Option<usize>,
    bad: Option<usize>,
    good: Option<usize>,
    exposure: Option<usize>,
    value: Option<usize>,
}

pub(super) fn layout(names: &[String], roles: &[Option<Role>]) -> Result<Layout, Unclear> {
    let find = |wanted: Role| -> Result<Option<usize>, Unclear> {
        let mut columns = (0..roles.len()).filter(|column| roles[*column] == Some(wanted));
        match (columns.next(), columns.next()) {
            (Some(first), Some(second)) => Err(Unclear {
                problem: format!(
                    "`{}` and `{}` could both be `{wanted}`; say which: --columns {wanted}={}",
                    names[first], names[second], names[first]
                ),
                columns: names.to_vec(),
            }),
            (found, _) => Ok(found),
        }
    };
    let side = |arm: Arm, sole: bool| -> Result<Side, Unclear> {
        // Beside counts nobody asks which of several values is meant.
        let bad = find(Role::Of(arm, Quantity::Bad))?;
        let value = if sole && bad.is_some() { None } else { find(Role::Of(arm, Quantity::Value))? };
        Ok(Side {
            all: find(Role::Of(arm, Quantity::All))?,
            bad,
            good: find(Role::Of(arm, Quantity::Good))?,
            exposure: find(Role::Of(arm, Quantity::Exposure))?,
            value,
        })
    };
    let (canary, control) = (side(Arm::Canary, true)?, side(Arm::Control, true)?);
    let data = data(canary, control).map_err(|problem| Unclear { problem, columns: names.to_vec() })?;
    let (time, seq) = (find(Role::Time)?, find(Role::Seq)?);
    let wrong = match (find(Role::Label)?, find(Role::Onset)?) {
        (_, Some(column)) => Some(Wrong { column, is_onset: true }),
        (Some(column), None) => Some(Wrong { column, is_onset: false }),
        (None, None) => None,
    };
    let mut used = data.columns();
    used.extend([time, seq, wrong.map(|wrong| wrong.column)].into_iter().flatten());
    let unused = (0..names.len()).filter(|column| !used.contains(column)).map(|column| names[column].clone());
    Ok(Layout { time, seq, wrong, data, unused: unused.collect() })
}

fn data(canary: Side, control: Side) -> Result<Data, String> {
    if let Some(counts) = canary.counts() {
        return Ok(Data::Counts { canary: counts, control: control.counts() });
    }
    if let Some(events) = canary.events() {
        return Ok(Data::Events { canary: events, control: control.events() });
    }
    if let Some(value) = canary.value {
        return Ok(Data::Values { canary: value, control: control.value, requests: canary.all });
    }
    if control.counts().is_some() || control.value.is_some() {
        return Err("there is a control but nothing that is compared with it".to_owned());
    }
    // A count alone, as `requests` per minute, is a value.
    if let Some(all) = canary.all.filter(|_| canary.good.is_none()) {
        return Ok(Data::Values { canary: all, control: control.all, requests: None });
    }
    Err("it is unclear which column holds what was measured; name it: --columns value=COLUMN, or \
         --columns n=COLUMN,bad=COLUMN"
        .to_owned())
}

impl Side {
    fn counts(self) -> Option<Counts> {
        match self {
            Self { exposure: Some(_), .. } => None,
            Self { all: Some(all), bad: Some(part), .. } => Some(Counts { all, part, is_good: false }),
            Self { all: Some(all), good: Some(part), .. } => Some(Counts { all, part, is_good: true }),
            Self { all: None, .. } | Self { bad: None, good: None, .. } => None,
        }
    }

    fn events(self) -> Option<(usize, Option<usize>)> {
        self.bad.map(|bad| (bad, self.exposure))
    }
}

impl Data {
    /// The columns it is read from.
    fn columns(self) -> Vec<usize> {
        let of_counts = |counts: Counts| [Some(counts.all), Some(counts.part)];
        let columns: Vec<Option<usize>> = match self {
            Self::Counts { canary, control } => {
                control.map(of_counts).into_iter().flatten().chain(of_counts(canary)).collect()
            }
            Self::Events { canary, control } => [Some(canary), control]
                .into_iter()
                .flatten()
                .flat_map(|(events, exposure)| [Some(events), exposure])
                .collect(),
            Self::Values { canary, control, requests } => vec![Some(canary), control, requests],
        };
        columns.into_iter().flatten().collect()
    }

    /// Whether there is something to compare with.
    pub fn has_control(self) -> bool {
        match self {
            Self::Counts { control, .. } => control.is_some(),
            Self::Events { control, .. } => control.is_some(),
            Self::Values { control, .. } => control.is_some(),
        }
    }
}
