//! The picture, into a file.

use std::path::Path;

use ripcord_backtest::{
    chart::{Chart, Lane, draw},
    replay::Settings,
    trace::Kind,
};

use super::{answer::Answer, measured::Measured};
use crate::{failure::CommandError, render};

/// Draws and writes.
pub(super) fn write(
    path: &Path,
    measured: &Measured,
    settings: &Settings,
    answer: &Answer,
) -> Result<(), CommandError> {
    let title = format!("{} ({})", answer.signal, answer.source);
    let (headline, series) = (render::backtest::headline(answer), render::backtest::series(answer));
    let axis = match answer.kind {
        Kind::Ratio => "bad events among all",
        Kind::Success => "good events among all",
        Kind::Count => "events per exposure",
        Kind::Quantile | Kind::Value => answer.signal.as_str(),
    };
    let lanes = answer.runs().map(|run| Lane {
        name: run.name.clone(),
        readings: &run.readings,
        threshold: run.threshold,
        level: run.level,
        firings: &run.firings,
        meanings: &run.score.meanings,
    });
    let chart = Chart {
        title: &title,
        subtitles: [&headline, &series],
        axis,
        window: settings.window(&measured.trace),
        is_share: matches!(answer.kind, Kind::Ratio | Kind::Success),
        trace: &measured.trace,
        baseline: answer.baseline.as_ref().map(|baseline| (baseline.blocks, baseline.value)),
        lanes: lanes.collect(),
    };
    std::fs::write(path, draw(&chart)).map_err(|error| {
        CommandError::refused("unwritable-file", format!("{} cannot be written", path.display()))
            .because(error)
    })
}
