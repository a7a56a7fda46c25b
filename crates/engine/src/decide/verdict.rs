//! What the signals say, in numbers and in one sentence.

use ripcord_analysis::Sums;
use ripcord_model::blueprint::{Measure, Rule, Signal};

use super::words::{count, false_alarm, number, per_thousand, percent, plain, thousands};
use crate::{
    block::Arms,
    evidence::{Amount, EvidenceRecord, RuleEvidence},
    observations::{Evidence, Group, LeadsTo, Member, RuleState, SignalState},
    release::Release,
    verdict::{Verdict, VerdictKind},
};

impl Release {
    /// The verdict that is due: by evidence first, which says how sure it is, then by the first threshold.
    pub(crate) fn due(&self, leads_to: LeadsTo) -> Option<Verdict> {
        self.by_evidence(leads_to).or_else(|| self.by_threshold(leads_to))
    }

    fn by_evidence(&self, leads_to: LeadsTo) -> Option<Verdict> {
        let group = self.observations.group(leads_to);
        if !group.fires() {
            return None;
        }
        let members: Vec<Member<'_>> = self.members(group).collect();
        let culprits = group.culprits();
        let (culprit, others) = culprits.split_first()?;
        let culprit = members.get(*culprit)?;
        let others: Vec<String> = others.iter().map(|other| plain(&members[*other].signal.name)).collect();
        let also = if others.is_empty() { String::new() } else { format!("; also {}", others.join(", ")) };
        let reason = format!(
            "{}: {}; chance of a false alarm this strong under 1 in {}{also}",
            plain(&culprit.signal.name),
            self.weighed(culprit),
            false_alarm(group.peak()),
        );
        Some(Verdict {
            kind: kind(leads_to),
            signal: Some(culprit.signal.name.clone()),
            rule: Some(culprit.rule.to_string()),
            reason,
            log_e: Some(group.log_e()).filter(|log_e| log_e.is_finite()),
            threshold: Some(group.threshold()),
            block: self.observations.last_seq().unwrap_or(0),
            harm_began: culprit.evidence.harm_began(),
            evidence: Some(Box::new(self.evidence_record(group))),
        })
    }

    fn by_threshold(&self, leads_to: LeadsTo) -> Option<Verdict> {
        self.blueprint.signals.iter().zip(self.observations.signals()).find_map(|(signal, state)| {
            let (rules, states): (&[Rule], &[RuleState]) = match leads_to {
                LeadsTo::Rollback => (&signal.rollback, &state.rollback),
                LeadsTo::Contain => (&signal.contain, &state.contain),
            };
            let (rule, rule_state) =
                rules.iter().zip(states).find(|(_, state)| state.evidence().is_none() && state.fires())?;
            Some(Verdict {
                kind: kind(leads_to),
                signal: Some(signal.name.clone()),
                rule: Some(rule.to_string()),
                reason: format!("{} {}", plain(&signal.name), self.compared(signal, state)),
                log_e: None,
                threshold: None,
                block: self.observations.last_seq().unwrap_or(0),
                harm_began: rule_state.since(),
                evidence: None,
            })
        })
    }

    pub(crate) fn members<'a>(&'a self, group: &Group) -> impl Iterator<Item = Member<'a>> {
        group.members(&self.blueprint.signals, self.observations.signals())
    }

    /// Every number of a group's evidence as it stands; `None` for a group without rules.
    pub(super) fn evidence_behind(&self, leads_to: LeadsTo) -> Option<Box<EvidenceRecord>> {
        let group = self.observations.group(leads_to);
        (!group.is_empty()).then(|| Box::new(self.evidence_record(group)))
    }

    fn evidence_record(&self, group: &Group) -> EvidenceRecord {
        let culprits = if group.fires() { group.culprits() } else { Vec::new() };
        let blocks = || self.members(group).map(|member| member.evidence.blocks());
        let rules = self
            .members(group)
            .enumerate()
            .map(|(position, member)| rule_evidence(&member, group.weight(), culprits.contains(&position)));
        EvidenceRecord {
            log_e: group.log_e(),
            log_e_peak: group.peak(),
            threshold: group.threshold(),
            alpha: group.alpha(),
            first_block: blocks().filter_map(|(first, _, _)| first).min(),
            last_block: blocks().filter_map(|(_, last, _)| last).max(),
            blocks: blocks().map(|(_, _, count)| count).max().unwrap_or(0),
            rules: rules.collect(),
        }
    }

    /// `v2 3.1 % against v1 0.9 %, 41 of 1,322 against 402 of 44,700`.
    fn weighed(&self, member: &Member<'_>) -> String {
        let (candidate, last_good) = (&self.candidate().version, &self.last_good().version);
        let (measure, totals) = (&member.signal.measure, member.evidence.totals());
        let size = |amount: Option<Amount>, value| match measure {
            Measure::Ratio { .. } | Measure::Success { .. } => percent(rate(amount).or(value)),
            Measure::Count { .. } => per_thousand(rate(amount)),
            Measure::Quantile { .. } | Measure::Gauge { .. } => number(value),
        };
        let here = size(totals.canary, member.state.values.canary);
        let there = match member.rule {
            Rule::Over { limit } => format!("a limit of {}", percent(Some(limit.value()))),
            Rule::WorseThanBaseline { .. } => {
                let before = member.state.baseline.map(|before| Amount { count: before, of: 1.0 });
                format!("{} before the release", size(before, member.state.baseline))
            }
            Rule::WorseThanControl { .. } | Rule::Threshold(_) => {
                format!("{last_good} {}", size(totals.control, member.state.values.control))
            }
        };
        let what = if matches!(measure, Measure::Quantile { .. }) { " slow answers" } else { "" };
        let amount = |amount: Amount| format!("{} of {}", count(amount.count), count(amount.of));
        let counted = match (totals.canary, totals.control) {
            (Some(canary), Some(control)) => {
                format!(", {}{what} against {}", amount(canary), amount(control))
            }
            (Some(canary), None) => format!(", {}{what}", amount(canary)),
            (None, _) => String::new(),
        };
        format!("{candidate} {here} against {there}{counted}")
    }

    /// `3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against 402 of 44,700)`, over the signal's window.
    fn compared(&self, signal: &Signal, state: &SignalState) -> String {
        let (candidate, last_good) = (&self.candidate().version, &self.last_good().version);
        match &signal.measure {
            measure @ (Measure::Ratio { .. } | Measure::Success { .. }) => {
                let is_good = matches!(measure, Measure::Success { .. });
                let counted = |sums: Sums| {
                    let count = if is_good { sums.n - sums.bad } else { sums.bad };
                    format!("{} of {}", thousands(count as u64), thousands(sums.n as u64))
                };
                format!(
                    "{} on {candidate} against {} on {last_good} ({} against {})",
                    percent(state.values.canary),
                    percent(state.values.control),
                    counted(state.sums.canary),
                    counted(state.sums.control),
                )
            }
            Measure::Quantile { .. } | Measure::Count { .. } | Measure::Gauge { .. } => format!(
                "{} on {candidate} against {} on {last_good}",
                number(state.values.canary),
                number(state.values.control),
            ),
        }
    }
}

fn rate(amount: Option<Amount>) -> Option<f64> {
    amount.filter(|amount| amount.of > 0.0).map(|amount| amount.count / amount.of)
}

fn kind(leads_to: LeadsTo) -> VerdictKind {
    match leads_to {
        LeadsTo::Rollback => VerdictKind::Rollback,
        LeadsTo::Contain => VerdictKind::Contain,
    }
}

fn rule_evidence(member: &Member<'_>, weight: f64, culprit: bool) -> RuleEvidence {
    let evidence: &Evidence = member.evidence;
    let (test, config) = evidence.test().unzip();
    let Arms { canary, control } = evidence.totals();
    RuleEvidence {
        signal: member.signal.name.clone(),
        rule: member.rule.to_string(),
        test: test.map(str::to_owned),
        config,
        weight,
        log_e: evidence.log_e(),
        safety_log_e: evidence.safety_log_e(),
        canary,
        control,
        effect: evidence.effect(),
        dispersion: evidence.dispersion(),
        guard_log_e: evidence.guard_log_e(),
        distrusted: evidence.is_distrusted(),
        culprit,
        harm_began_block: evidence.harm_began_block(),
        harm_began: evidence.harm_began(),
    }
}
