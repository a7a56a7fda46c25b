//! The evidence of all rules that lead to the same, weighed together.
//!
//! Every weighted mean of e-values is an e-value, however they depend on each other, so the mean may be compared with
//! one over alpha at every block. Weights are equal and fixed: a signal that is distrusted keeps its weight and counts
//! for nothing.

use ripcord_analysis::watch::{combine, culprits};
use ripcord_model::{
    SignalName,
    blueprint::{Rule, Signal},
};

use super::{Evidence, RuleState, SignalState};

/// What rules can lead to by evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeadsTo {
    Rollback,
    Contain,
}

/// The combined evidence of the rules that lead to the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    leads_to: LeadsTo,
    alpha: f64,
    members: usize,
    log_e: f64,
    peak: f64,
    /// What it would be if no signal were distrusted.
    if_trusted: f64,
    /// Reused for every block.
    parts: Vec<(f64, f64)>,
}

/// One rule of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) signal: &'a Signal,
    pub(crate) state: &'a SignalState,
    pub(crate) rule: &'a Rule,
    pub(crate) evidence: &'a Evidence,
}

impl LeadsTo {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Contain => "contain",
        }
    }

    fn rules(self, signal: &Signal) -> &[Rule] {
        match self {
            Self::Rollback => &signal.rollback,
            Self::Contain => &signal.contain,
        }
    }

    fn states(self, state: &SignalState) -> &[RuleState] {
        match self {
            Self::Rollback => &state.rollback,
            Self::Contain => &state.contain,
        }
    }
}

impl Group {
    pub(super) fn new(leads_to: LeadsTo, signals: &[Signal], alpha: f64) -> Self {
        let rules = signals.iter().flat_map(|signal| leads_to.rules(signal));
        let members = rules.filter(|rule| rule.is_evidence()).count();
        Self {
            leads_to,
            alpha,
            members,
            log_e: 0.0,
            peak: 0.0,
            if_trusted: 0.0,
            parts: Vec::with_capacity(members),
        }
    }

    /// Weighs anew, after a block.
    pub(super) fn take(&mut self, signals: &[SignalState]) {
        let (leads_to, weight) = (self.leads_to, self.weight());
        let members = || {
            let states = signals.iter().flat_map(|state| leads_to.states(state));
            states.filter_map(RuleState::evidence)
        };
        if self.is_empty() {
            return;
        }
        self.parts.clear();
        self.parts.extend(members().map(|evidence| (weight, evidence.log_e())));
        self.if_trusted = combine(&self.parts);
        for (part, evidence) in self.parts.iter_mut().zip(members()) {
            if evidence.is_distrusted() {
                part.1 = f64::NEG_INFINITY;
            }
        }
        self.log_e = combine(&self.parts);
        self.peak = self.peak.max(self.log_e);
    }

    pub(crate) fn leads_to(&self) -> LeadsTo {
        self.leads_to
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members == 0
    }

    pub(crate) fn alpha(&self) -> f64 {
        self.alpha
    }

    pub(crate) fn weight(&self) -> f64 {
        1.0 / self.members.max(1) as f64
    }

    pub(crate) fn log_e(&self) -> f64 {
        self.log_e
    }

    pub(crate) fn peak(&self) -> f64 {
        self.peak
    }

    /// The natural logarithm of one over alpha.
    pub(crate) fn threshold(&self) -> f64 {
        -self.alpha.ln()
    }

    /// Whether the evidence was ever enough.
    pub(crate) fn fires(&self) -> bool {
        !self.is_empty() && self.peak >= self.threshold()
    }

    /// Whether it would be enough now if every signal were trusted, and is not.
    pub(crate) fn would_fire(&self) -> bool {
        !self.is_empty() && self.if_trusted >= self.threshold() && self.log_e < self.threshold()
    }

    /// Its rules, in the order of the blueprint.
    pub(crate) fn members<'a>(
        &self,
        signals: &'a [Signal],
        states: &'a [SignalState],
    ) -> impl Iterator<Item = Member<'a>> {
        let leads_to = self.leads_to;
        signals.iter().zip(states).flat_map(move |(signal, state)| {
            let rules = leads_to.rules(signal).iter().zip(leads_to.states(state));
            rules.filter_map(move |(rule, rule_state)| {
                Some(Member { signal, state, rule, evidence: rule_state.evidence()? })
            })
        })
    }

    /// Positions of the rules that closed testing names, strongest first.
    pub(crate) fn culprits(&self) -> Vec<usize> {
        culprits(&self.parts, self.alpha)
    }

    /// Distrusted signals that would be named if they were trusted; the strongest of them when none would be.
    pub(crate) fn distrusted<'a>(
        &self,
        signals: &'a [Signal],
        states: &'a [SignalState],
    ) -> Vec<&'a SignalName> {
        let members: Vec<Member<'a>> = self.members(signals, states).collect();
        let parts: Vec<_> = members.iter().map(|member| (self.weight(), member.evidence.log_e())).collect();
        let mut named: Vec<&Member<'a>> =
            culprits(&parts, self.alpha).into_iter().map(|position| &members[position]).collect();
        named.retain(|member| member.evidence.is_distrusted());
        if named.is_empty() {
            let distrusted = members.iter().filter(|member| member.evidence.is_distrusted());
            named.extend(distrusted.max_by(|a, b| a.evidence.log_e().total_cmp(&b.evidence.log_e())));
        }
        let mut names: Vec<&SignalName> = named.into_iter().map(|member| &member.signal.name).collect();
        names.dedup();
        names
    }
}
