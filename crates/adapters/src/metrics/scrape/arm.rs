//! What one arm said, out of what everybody said.

use std::collections::BTreeSet;

use ripcord_engine::Instance;
use ripcord_model::VersionName;

use super::{Answers, Said};
use crate::metrics::{
    exposition::Exposed,
    plan::{Ask, Plan, Role},
    raw::{ArmRaw, RawSeries, identify},
};

/// Counters of the edge are one target's, under this name.
const EDGE: &str = "edge";

/// One arm of one reading.
pub(super) struct ArmOf<'a> {
    pub(super) plan: &'a Plan,
    pub(super) side: &'a str,
    pub(super) version: &'a VersionName,
    pub(super) instances: &'a [Instance],
    pub(super) answers: &'a Answers,
    pub(super) stamp_ms: i64,
}

/// Who is asked for a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The arm's own instances.
    Own,
    /// Every instance; a label says whose a series is.
    Everybody,
    /// The edge.
    Edge,
}

impl ArmOf<'_> {
    /// Its series, and who failed.
    pub(super) fn raw(&self) -> ArmRaw {
        let mut raw = ArmRaw::default();
        let mut anybody = false;
        let mut own = false;
        for (address, said) in &self.answers.instances {
            let is_own = self.instances.iter().any(|instance| instance.address == *address);
            let target = address.to_string();
            match said {
                Ok(samples) => {
                    anybody = true;
                    own |= is_own;
                    if is_own {
                        self.add(&mut raw, Asked::Own, &target, samples);
                    }
                    self.add(&mut raw, Asked::Everybody, &target, samples);
                }
                Err(problem) if is_own => {
                    raw.troubles.push(format!("{} {} at {address}: {problem}", self.side, self.version));
                    raw.silent.insert(target);
                }
                Err(_) => {}
            }
        }
        if let Some(Ok(samples)) = &self.answers.edge {
            self.add(&mut raw, Asked::Edge, EDGE, samples);
        }
        let edge = self.answers.edge.as_ref().is_some_and(Said::is_ok);
        let answered = |asked: Asked| match asked {
            Asked::Own => own,
            Asked::Everybody => anybody,
            Asked::Edge => edge,
        };
        let asks = self.plan.asks.iter().enumerate();
        raw.failed.extend(asks.filter(|(_, ask)| !answered(asked(ask))).map(|(index, _)| index));
        if self.instances.is_empty() && self.plan.asks.iter().any(|ask| asked(ask) == Asked::Own) {
            raw.troubles.push(format!("{} {} has no instance to ask", self.side, self.version));
        }
        raw
    }

    fn add(&self, raw: &mut ArmRaw, from: Asked, target: &str, samples: &[Exposed]) {
        let mine: Vec<usize> =
            (0..self.plan.asks.len()).filter(|index| asked(&self.plan.asks[*index]) == from).collect();
        for sample in samples {
            let asks: BTreeSet<usize> =
                mine.iter().copied().filter(|index| self.is_meant(&self.plan.asks[*index], sample)).collect();
            if !asks.is_empty() {
                let labels = sample.labels.iter().map(|(label, value)| (label.as_str(), value.as_str()));
                let (identity, bucket) =
                    identify([("__name__", sample.name.as_str())].into_iter().chain(labels));
                let points = vec![(sample.at_ms.unwrap_or(self.stamp_ms), sample.value)];
                raw.add(target, identity, RawSeries { asks, bucket, points });
            }
        }
        for index in mine {
            let ask = &self.plan.asks[index];
            if ask.role == Role::Buckets && self.is_native(ask, samples) {
                let histogram = ask.selector.clone().without_suffix("_bucket");
                raw.failed.insert(index);
                raw.troubles.push(format!(
                    "{} {} at {target}: `{histogram}` shows a count and no classic buckets (`le`), as native histograms \
                     and summaries do in text; those cannot be read: expose classic buckets beside it",
                    self.side, self.version
                ));
            }
        }
    }

    fn is_meant(&self, ask: &Ask, sample: &Exposed) -> bool {
        let by_label = |label: &String| sample.label(label) == Some(self.version.as_str());
        ask.selector.matches(sample) && ask.variant_label.as_ref().is_none_or(by_label)
    }

    /// Whether something is counted under the histogram's name, and no bucket says how long anything took.
    fn is_native(&self, ask: &Ask, samples: &[Exposed]) -> bool {
        let counts = Ask {
            selector: ask.selector.clone().without_suffix("_bucket").with_suffix("_count"),
            ..ask.clone()
        };
        let is_bucket = |sample: &Exposed| {
            self.is_meant(ask, sample) && sample.label("le").is_some_and(|bound| bound != "+Inf")
        };
        samples.iter().any(|sample| self.is_meant(&counts, sample)) && !samples.iter().any(is_bucket)
    }
}

fn asked(ask: &Ask) -> Asked {
    if ask.is_at_edge() {
        Asked::Edge
    } else if ask.variant_label.is_some() {
        Asked::Everybody
    } else {
        Asked::Own
    }
}
