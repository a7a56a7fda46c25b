//! Rules that compare with what a signal was before the release need a source that can say it.

use std::fmt;

use ripcord_adapters::port::{AdapterError, Measured, Metrics, Past};
use ripcord_model::{
    SignalName, Timestamp, VersionName,
    blueprint::{Blueprint, Measure, Signal},
};

use super::Reason;
use crate::observer::{asked, needs_baseline, stretch};

/// What the source says about the past of last good.
pub(super) enum PastOf {
    /// No rule asks for it.
    NotNeeded,
    /// What every signal that needs one was, in words.
    Known(String),
    /// Some rule compares with what nobody knows.
    Missing(NoPast),
    /// The source did not answer.
    Unanswered(AdapterError),
}

/// Why a rule has nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoPast {
    #[error("nobody knows what {} was before the release: the source keeps no past", names(.0))]
    Forgotten(Vec<SignalName>),
    #[error("nobody knows what {} was on {version} before the release: {why}", names(.signals))]
    TooLittle { version: VersionName, signals: Vec<SignalName>, why: String },
}

impl Reason for NoPast {
    fn fix(&self) -> String {
        match self {
            Self::Forgotten(_) => {
                "compare with control instead of baseline, or let the numbers come from Prometheus, \
                 which keeps the past"
                    .to_owned()
            }
            Self::TooLittle { .. } => {
                "wait until the source has seen last good for long enough, shorten `evidence: { \
                 baseline: … }` in ripcord.yaml, or compare with control"
                    .to_owned()
            }
        }
    }
}

/// Asks the source for the past that rules of the release compare with.
pub(super) async fn ask(
    metrics: &mut dyn Metrics,
    blueprint: &Blueprint,
    version: &VersionName,
    now: Timestamp,
) -> PastOf {
    let needing: Vec<SignalName> = blueprint
        .signals
        .iter()
        .filter(|signal| needs_baseline(signal))
        .map(|signal| signal.name.clone())
        .collect();
    if needing.is_empty() {
        return PastOf::NotNeeded;
    }
    let signals: Vec<Signal> =
        asked(&blueprint.signals).into_iter().map(|position| blueprint.signals[position].clone()).collect();
    let stretch = stretch(blueprint, now);
    let (measured, troubles) = match metrics.past(&signals, version, stretch).await {
        Ok(Past::Known { measured, troubles }) => (measured, troubles),
        Ok(Past::Forgotten) => return PastOf::Missing(NoPast::Forgotten(needing)),
        Err(error) => return PastOf::Unanswered(error),
    };
    let told = signals.iter().zip(measured).filter(|(signal, _)| needs_baseline(signal));
    let (known, missing): (Vec<_>, Vec<_>) = told.partition(|(_, measured)| measured.is_some());
    if missing.is_empty() && known.len() == needing.len() {
        let known: Vec<String> =
            known.iter().filter_map(|(signal, measured)| Some(in_words(signal, (*measured)?))).collect();
        return PastOf::Known(format!("{} over the {} before", known.join(", "), stretch.length.human()));
    }
    let named = |signal: &Signal| known.iter().any(|(known, _)| known.name == signal.name);
    let signals = signals.iter().filter(|signal| needs_baseline(signal) && !named(signal));
    let signals = signals.map(|signal| signal.name.clone()).collect();
    PastOf::Missing(NoPast::TooLittle { version: version.clone(), signals, why: troubles.join("; ") })
}

fn in_words(signal: &Signal, measured: Measured) -> String {
    let (name, value) = (&signal.name, measured.value);
    match &signal.measure {
        Measure::Ratio { .. } | Measure::Success { .. } => format!("{name} was {}%", Short(value * 100.0)),
        Measure::Count { .. } => format!("{name} was {} per event", Short(value)),
        Measure::Quantile { .. } | Measure::Gauge { .. } => format!("{name} was {}", Short(value)),
    }
}

/// A number with three digits that count.
pub(super) struct Short(pub(super) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = if self.0 == 0.0 { 0.0 } else { self.0.abs().log10().floor() };
        let decimals = (2.0 - magnitude).clamp(0.0, 9.0) as usize;
        let text = format!("{:.decimals$}", self.0);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        f.write_str(text)
    }
}

fn names(signals: &[SignalName]) -> String {
    signals.iter().map(SignalName::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Short;

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, 0.912_345, 12.0, 1_234.6, 0.000_123_45, -2.5];
        let shown: Vec<String> = numbers.iter().map(|number| Short(*number).to_string()).collect();
        assert_eq!(shown, ["0", "0.912", "12", "1235", "0.000123", "-2.5"]);
    }
}
