//! One signal's rules on recorded blocks, judged by the code that decides in production.

use ripcord_model::{
    Duration, Timestamp,
    blueprint::{EvidencePlan, Rule, Signal},
};

use crate::{
    block::{Arms, Groups, Sample},
    observations::{Bars, Evidence, RuleState, Shown, SignalState, Tests, WarmUp},
};

/// One signal's rules while recorded blocks are shown to them. Every rule is judged for itself, as if it were the
/// only evidence rule of its release: it alone may err with the accepted chance.
#[derive(Debug, Clone)]
pub struct Replay {
    signal: Signal,
    plan: EvidencePlan,
    gap: Duration,
    state: SignalState,
    started: WarmUp,
    last: Option<(u64, Timestamp)>,
}

/// Where a rule stands after the last block.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayedRule {
    /// As people write it.
    pub rule: String,
    /// `rollback`, `contain` or `hold`.
    pub leads_to: &'static str,
    /// Whether it is violated at the last block, however briefly.
    pub violated: bool,
    /// Whether it demands what it leads to.
    pub fires: bool,
    /// When what it complains about seems to have begun.
    pub since: Option<Timestamp>,
    /// For an evidence rule: natural logarithm of its e-value.
    pub log_e: Option<f64>,
    /// For an evidence rule: the natural logarithm at which it fires.
    pub threshold: Option<f64>,
    /// For an evidence rule: whether last good's own instances differ, so that it fires no more.
    pub distrusted: bool,
    /// Why it says nothing at the last block.
    pub silent: Option<String>,
}

impl Replay {
    /// A signal that has seen nothing. `false_rollback` is the accepted chance that a rollback rule is wrong (alpha);
    /// a pause in the blocks longer than `gap` ends a violation.
    pub fn new(signal: &Signal, plan: &EvidencePlan, false_rollback: f64, gap: Duration) -> Self {
        let bars =
            Bars { rollback: -false_rollback.ln(), contain: -plan.contain.ln(), hold: -plan.contain.ln() };
        Self {
            state: SignalState::new(signal, plan, bars, &mut Tests::default()),
            signal: signal.clone(),
            plan: plan.clone(),
            gap,
            started: WarmUp::default(),
            last: None,
        }
    }

    /// Shows it one block. `seq` grows; a number not above the last one is ignored, as in production. `requests` are
    /// those that both arms answered since the block before.
    pub fn take(
        &mut self,
        seq: u64,
        at: Timestamp,
        sample: &Sample,
        groups: Option<&Groups>,
        requests: Arms<u64>,
    ) {
        if self.last.is_some_and(|(last, _)| seq <= last) {
            return;
        }
        self.last = Some((seq, at));
        self.started.heard(at, sample, requests);
        let warming_up = self.started.lasts(at, self.plan.warm_up);
        let gap = self.gap;
        self.state.take(&self.signal, &Shown { seq, at, requests, sample, groups, gap, warming_up });
    }

    /// What the signal was before; the first finite value stands. Rules against it say nothing without.
    pub fn baseline(&mut self, baseline: Option<f64>) {
        if let Some(baseline) = baseline {
            self.state.take_baseline(&self.signal, &self.plan, baseline);
        }
    }

    /// Where every rule stands, in the order of the blueprint: rollback, contain, hold.
    pub fn rules(&self) -> Vec<ReplayedRule> {
        let kinds = [
            ("rollback", &self.signal.rollback, &self.state.rollback),
            ("contain", &self.signal.contain, &self.state.contain),
            ("hold", &self.signal.hold, &self.state.hold),
        ];
        let mut rules = Vec::new();
        for (leads_to, written, states) in kinds {
            rules
                .extend(written.iter().zip(states).map(|(rule, state)| self.replayed(leads_to, rule, state)));
        }
        rules
    }

    fn replayed(&self, leads_to: &'static str, rule: &Rule, state: &RuleState) -> ReplayedRule {
        let evidence = state.evidence();
        let left = self.last.map_or(self.plan.warm_up, |(_, at)| self.started.left(at, self.plan.warm_up));
        let fires = if leads_to == "hold" { state.holds() } else { state.fires() };
        ReplayedRule {
            rule: rule.to_string(),
            leads_to,
            violated: state.is_violated(),
            fires,
            since: state.since(),
            log_e: evidence.map(Evidence::log_e),
            threshold: evidence.map(Evidence::bar),
            distrusted: evidence.is_some_and(Evidence::is_distrusted),
            silent: state.silence(rule, self.state.baseline, left),
        }
    }
}
