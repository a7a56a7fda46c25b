//! The evidence meters: one towards going back, one towards advancing, each with its finish line and its words.

use ripcord_engine::{SignalStatus, Status};

use crate::{chart, look::State};

/// One meter.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) picture: String,
    pub(super) words: String,
}

/// Those of a release; none when no rule of it is decided by evidence.
pub(super) fn meters(status: &Status) -> Vec<Meter> {
    let mut meters: Vec<Meter> = status
        .evidence
        .iter()
        .map(|evidence| {
            let log_e = evidence.log_e.unwrap_or(f64::NEG_INFINITY);
            let state = if evidence.leads_to == "contain" { State::Contained } else { State::Back };
            let title =
                if evidence.leads_to == "contain" { "Towards containing" } else { "Towards going back" };
            let mut words =
                format!("Odds against accident: {}", chart::evidence_in_words(log_e, evidence.threshold));
            if evidence.log_e.is_none() {
                words = "Every signal is distrusted: last good's own instances differ".to_owned();
            }
            Meter {
                class: state.class(),
                title: title.to_owned(),
                picture: chart::meter(log_e, evidence.threshold),
                words,
            }
        })
        .collect();
    meters.extend(safety(status));
    meters
}

/// Evidence of safety is as strong as that of the weakest signal.
fn safety(status: &Status) -> Option<Meter> {
    let of_signal = |signal: &SignalStatus| {
        let rules = signal.rules.iter().filter_map(|rule| rule.detail.as_ref());
        let found = rules.filter_map(|detail| Some((detail.safety_log_e?, detail.safety_threshold?)));
        found.min_by(|one, other| part(*one).total_cmp(&part(*other)))
    };
    let weakest = status
        .signals
        .iter()
        .filter_map(|signal| Some((signal, of_signal(signal)?)))
        .min_by(|(_, one), (_, other)| part(*one).total_cmp(&part(*other)))?;
    let (signal, (log_e, threshold)) = weakest;
    Some(Meter {
        class: State::Advancing.class(),
        title: "Towards advancing".to_owned(),
        picture: chart::meter(log_e, threshold),
        words: format!(
            "Evidence that it is safe, weakest on {}: {}",
            signal.name,
            chart::evidence_in_words(log_e, threshold)
        ),
    })
}

fn part((log_e, threshold): (f64, f64)) -> f64 {
    if threshold > 0.0 { log_e / threshold } else { 0.0 }
}
