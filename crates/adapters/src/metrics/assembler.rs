//! Raw series of both arms, turned into a [`Reading`]. Shared by every source.
//!
//! Two arms are rarely asked at the same instant: a Prometheus server scrapes one target after the other. Evidence
//! compares both arms over the same time, so what one arm counted waits until the other has counted too, but not
//! longer than `patience_ms`: a control that fell silent must not hide what happens on the canary.

use std::collections::HashMap;

use ripcord_engine::Arms;
use ripcord_model::{SignalName, Timestamp, VersionName, blueprint::Signal};

use super::{
    counters::Counters,
    heard::{Heard, listen},
    memory::{Memory, Question},
    plan::Plan,
    raw::ArmRaw,
};
use crate::port::{Reading, Sides};

/// What is remembered between readings.
#[derive(Debug)]
pub(super) struct Assembler {
    patience_ms: i64,
    /// Never runs backwards, whatever the clock that is handed in does: what waits must not wait for ever.
    now_ms: i64,
    counters: Counters,
    versions: Option<(VersionName, VersionName)>,
    signals: HashMap<SignalName, Memory>,
}

impl Assembler {
    /// Nothing read yet.
    pub(super) fn new(patience_ms: i64) -> Self {
        Self {
            patience_ms,
            now_ms: i64::MIN,
            counters: Counters::default(),
            versions: None,
            signals: HashMap::new(),
        }
    }

    /// One reading of all signals.
    pub(super) fn assemble(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        plan: &Plan,
        sides: &Sides,
        mut raw: Arms<ArmRaw>,
    ) -> Reading {
        self.now_ms = self.now_ms.max(at.as_ms());
        self.begin_anew_with_other_versions(sides);
        // The gate asks for last good on both sides: each side's counters are remembered apart.
        let (canary, control) =
            (format!("canary {}", sides.canary.0), format!("control {}", sides.control.0));
        let canary = listen(plan, &raw.canary, &canary, self.now_ms, &mut self.counters);
        let control = listen(plan, &raw.control, &control, self.now_ms, &mut self.counters);
        self.counters.forget_silent(self.now_ms);
        let heard = Arms { canary: canary.as_slice(), control: control.as_slice() };
        let mut troubles: Vec<String> = plan.refused.iter().map(|(_, trouble)| trouble.clone()).collect();
        troubles.append(&mut raw.canary.troubles);
        troubles.append(&mut raw.control.troubles);
        let (mut samples, mut groups) = (Vec::new(), Vec::new());
        for (index, signal) in signals.iter().enumerate() {
            let memory = self.signals.entry(signal.name.clone()).or_insert_with(|| Memory::new(signal));
            let mut question = Question {
                at_ms: self.now_ms,
                patience_ms: self.patience_ms,
                index,
                signal,
                plan,
                heard,
                sides,
                missed: &raw.control.silent,
                troubles: &mut troubles,
            };
            let (sample, apart) = memory.sample(&mut question).unzip();
            samples.push(sample);
            groups.push(apart.flatten());
        }
        Reading { samples, groups, requests: requests(plan, heard), troubles }
    }

    fn begin_anew_with_other_versions(&mut self, sides: &Sides) {
        let versions = (sides.canary.0.clone(), sides.control.0.clone());
        if self.versions.as_ref() != Some(&versions) {
            self.signals.clear();
            self.versions = Some(versions);
        }
    }
}

/// Requests per arm since the previous reading.
fn requests(plan: &Plan, heard: Arms<&[Heard]>) -> Arms<u64> {
    let moved = |heard: &[Heard]| plan.requests().map_or(0.0, |ask| heard[ask].moved()).round() as u64;
    Arms { canary: moved(heard.canary), control: moved(heard.control) }
}
