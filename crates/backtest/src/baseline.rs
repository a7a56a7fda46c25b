//! What the signal was before: the first part of the series, from which rules against a baseline take their value.

use std::str::FromStr;

use ripcord_engine::{Arms, Sample};
use ripcord_model::{Duration, Timestamp};
use serde::Serialize;

use crate::trace::{Kind, Trace};

/// How much of the series is the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Extent {
    /// A part of all blocks, between 0 and 1.
    Part(f64),
    /// The first blocks.
    Blocks(usize),
    /// The first so much time.
    Time(Duration),
}

impl Default for Extent {
    fn default() -> Self {
        Self::Part(0.15)
    }
}

impl FromStr for Extent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("`{text}` is not a part of a series; expected 20%, 6h or 200 (rows)");
        if let Some(percent) = text.strip_suffix('%') {
            let percent: f64 = percent.trim().parse().map_err(|_| expected())?;
            let within = percent > 0.0 && percent <= 90.0;
            return if within { Ok(Self::Part(percent / 100.0)) } else { Err(expected()) };
        }
        if let Ok(blocks) = text.parse::<usize>() {
            return if blocks > 0 { Ok(Self::Blocks(blocks)) } else { Err(expected()) };
        }
        text.parse().map(Self::Time).map_err(|_| expected())
    }
}

/// The baseline of a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    /// How many blocks it is made of; the replay begins after them.
    pub blocks: usize,
    /// When it ends: the instant of its last block.
    pub until: Timestamp,
    /// The value; `None` when nothing was measured in it.
    pub value: Option<f64>,
    /// Whether it is the control's.
    pub of_control: bool,
    /// Whether it was cut at the onset.
    pub cut_at_onset: bool,
}

/// Why there is no baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoBaseline {
    /// Something is wrong from the first block on.
    #[error("something is wrong from the first block on, so nothing shows how it was before")]
    NothingBefore,
    /// The whole series would be baseline.
    #[error("the baseline would be the whole series: make it shorter with --baseline")]
    NothingLeft,
}

/// The first part of the series up to `extent`, never beyond the first block at which something is known to be wrong.
///
/// The value is that of the control where there is one: bad events per event (for success ratios good ones), events per
/// exposure, or the mean of the values.
///
/// # Errors
/// When nothing lies before the onset, or nothing after the baseline.
pub fn baseline(trace: &Trace, extent: Extent) -> Result<Baseline, NoBaseline> {
    let blocks = match extent {
        Extent::Part(part) => ((trace.steps.len() as f64 * part).ceil() as usize).max(1),
        Extent::Blocks(blocks) => blocks,
        Extent::Time(time) => {
            let end = trace.steps[0].at.plus(time);
            trace.steps.partition_point(|step| step.at < end).max(1)
        }
    };
    let onset = trace.wrong.iter().flatten().map(|span| span.first).min();
    let cut = onset.filter(|onset| *onset < blocks);
    let blocks = cut.unwrap_or(blocks);
    if blocks == 0 {
        return Err(NoBaseline::NothingBefore);
    }
    if blocks >= trace.steps.len() {
        return Err(NoBaseline::NothingLeft);
    }
    let values = means(trace, blocks);
    let of_control = values.control.is_some();
    Ok(Baseline {
        blocks,
        until: trace.steps[blocks - 1].at,
        value: values.control.or(values.canary),
        of_control,
        cut_at_onset: cut.is_some(),
    })
}

/// Rates and means over the first blocks, per side.
fn means(trace: &Trace, blocks: usize) -> Arms<Option<f64>> {
    let (mut canary, mut control) = (Mean::default(), Mean::default());
    for sample in trace.steps[..blocks].iter().filter_map(|step| step.sample.as_ref()) {
        match sample {
            Sample::Counts(arms) => {
                canary.add(arms.canary.bad as f64, arms.canary.n as f64);
                control.add(arms.control.bad as f64, arms.control.n as f64);
            }
            Sample::Events(arms) => {
                canary.add(arms.canary, 1.0);
                control.add(arms.control, 1.0);
            }
            Sample::Exposed(arms) => {
                canary.add(arms.canary.events, arms.canary.exposure);
                control.add(arms.control.events, arms.control.exposure);
            }
            Sample::Values(arms) => {
                canary.add_value(arms.canary);
                control.add_value(arms.control);
            }
            Sample::Histogram(histogram) => {
                canary.add_value(histogram.values.canary);
                control.add_value(histogram.values.control);
            }
        }
    }
    let shown = |mean: Mean| {
        let mean = mean.value()?;
        Some(if trace.kind == Kind::Success { 1.0 - mean } else { mean })
    };
    Arms { canary: shown(canary), control: if trace.has_control { shown(control) } else { None } }
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, sum: f64, weight: f64) {
        self.sum += sum;
        self.weight += weight;
    }

    fn add_value(&mut self, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.add(value, 1.0);
        }
    }

    fn value(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{table::Table, trace};

    fn of(text: &str, extent: &str) -> Result<Baseline, NoBaseline> {
        let trace = trace::read(&Table::read(text).unwrap(), &trace::Options::default()).unwrap();
        baseline(&trace, extent.parse().unwrap())
    }

    fn series(label: &str) -> String {
        let rows =
            (0..10).map(|row| format!("2014-03-07 00:{:02}:00,{row},{}\n", row * 5, u8::from(row >= 4)));
        format!("timestamp,value,{label}\n{}", rows.collect::<String>())
    }

    #[test]
    fn it_is_the_first_part_and_never_beyond_the_onset() {
        let found = of(&series("id_of_nothing"), "30%").unwrap();
        assert_eq!((found.blocks, found.value, found.cut_at_onset), (3, Some(1.0), false));
        assert_eq!(of(&series("x1"), "20m").unwrap().blocks, 4);
        assert_eq!(of(&series("x1"), "2").unwrap().value, Some(0.5));
        let cut = of(&series("label"), "80%").unwrap();
        assert_eq!((cut.blocks, cut.value, cut.cut_at_onset), (4, Some(1.5), true));
        assert_eq!(of("t,value,label\n1,1,1\n2,1,1\n", "50%"), Err(NoBaseline::NothingBefore));
        assert_eq!(of(&series("x1"), "10"), Err(NoBaseline::NothingLeft));
    }

    #[test]
    fn it_is_that_of_the_control_and_of_counts_their_rate() {
        let both = of(
            "seq,canary_n,canary_bad,control_n,control_bad\n1,100,5,1000,10\n2,100,9,3000,30\n3,1,1,1,1\n",
            "2",
        )
        .unwrap();
        assert_eq!((both.value, both.of_control), (Some(0.01), true));
        let success =
            of("date,attempts,successes\n2024-01-01,10,9\n2024-01-02,30,29\n2024-01-03,1,1\n", "2").unwrap();
        assert_eq!((success.value, success.of_control), (Some(0.95), false));
        let empty = of("t,value\n1,\n2,5\n", "1").unwrap();
        assert_eq!(empty.value, None, "nothing was measured");
    }

    #[test]
    fn extents_are_parts_times_or_rows() {
        assert_eq!("20%".parse(), Ok(Extent::Part(0.2)));
        assert_eq!("6h".parse(), Ok(Extent::Time(Duration::from_mins(360))));
        assert_eq!("200".parse(), Ok(Extent::Blocks(200)));
        for wrong in ["", "0%", "99%", "0", "-3", "some"] {
            assert!(wrong.parse::<Extent>().is_err(), "{wrong}");
        }
    }
}
