//! Forward motion: what ends a stage, and what the next one needs.

use ripcord_model::{Duration, SignalName, Timestamp, blueprint::AdvanceOn};

use crate::{
    event::Event,
    observations::{Evidence, LeadsTo},
    phase::{GatingStep, Phase, StageStep, StagingStep},
    release::Release,
    status::{Waiting, WaitingOn},
    verdict::{Verdict, VerdictKind},
};

/// How long an acknowledgement by the on-call person lets a release enter 100 % by itself.
const ACKNOWLEDGED_FOR: Duration = Duration::from_mins(240);

impl Release {
    pub(super) fn progress(&self, now: Timestamp) -> Option<Vec<Event>> {
        match &self.phase {
            Phase::Staging(StagingStep::Passed) => Some(vec![Event::StagingPassed]),
            Phase::Gating(GatingStep::Open) if self.holds.is_empty() => {
                Some(vec![Event::StageEntered { stage: 0 }])
            }
            Phase::Releasing { stage, step: StageStep::Applied } if *stage == self.blueprint.last_stage() => {
                Some(vec![Event::Verifying])
            }
            Phase::Releasing { stage, step: StageStep::Applied } => {
                Some(vec![Event::StageBaking { stage: *stage }])
            }
            // A rehearsal climbs no further; see `rehearse.rs`.
            Phase::Releasing { step: StageStep::Baking, .. } if self.rehearsing.is_some() => None,
            Phase::Releasing { stage, step: StageStep::Baking } => self.end_of_dwell(*stage, now),
            Phase::Releasing { stage, step: StageStep::Ready } => self.next_stage(*stage, now),
            Phase::GoingBack(goal) => self.progress_back(*goal, now),
            Phase::Planned
            | Phase::Staging(StagingStep::Deploy | StagingStep::Probe | StagingStep::TakeDown)
            | Phase::Gating(_)
            | Phase::Releasing {
                step: StageStep::Deploying | StageStep::Repairing | StageStep::Applying,
                ..
            }
            | Phase::Verifying
            | Phase::Completing
            | Phase::Complete
            | Phase::Cancelling
            | Phase::Cancelled
            | Phase::Contained
            | Phase::RolledBack
            | Phase::Stuck { .. } => None,
        }
    }

    pub(super) fn retry(&self, now: Timestamp) -> Option<Vec<Event>> {
        let due = self.underway.iter().find(|pending| pending.retry_at.is_some_and(|at| at <= now))?;
        let (generation, attempt) = (due.effect.generation, due.effect.attempt + 1);
        Some(vec![Event::Repeated { generation, attempt }])
    }

    fn end_of_dwell(&self, stage: usize, now: Timestamp) -> Option<Vec<Event>> {
        if !self.holds.is_empty() || !self.what_is_missing(stage, now).is_empty() {
            return None;
        }
        let verdict = self.advance_verdict(stage);
        Some(vec![Event::Judged { verdict }, Event::StageReady { stage }])
    }

    /// The verdict that a stage has everything it needs to end.
    pub(crate) fn advance_verdict(&self, stage: usize) -> Verdict {
        let requests = self.stages[stage].requests;
        let share = self.blueprint.stages[stage].share;
        Verdict {
            kind: VerdictKind::Advance,
            signal: None,
            rule: None,
            reason: format!(
                "every signal is within its limits after {requests} requests at {share}{}",
                self.safety_in_words(stage)
            ),
            log_e: None,
            threshold: None,
            block: self.observations.last_seq().unwrap_or(0),
            harm_began: None,
            evidence: self.evidence_behind(LeadsTo::Rollback),
        }
    }

    /// What evidence of safety says, where a stage needs it.
    fn safety_in_words(&self, stage: usize) -> String {
        if self.blueprint.evidence.advance_on == AdvanceOn::Limits || stage == self.blueprint.last_stage() {
            return String::new();
        }
        if self.overruled.is_empty() {
            return ", and shown to be safe".to_owned();
        }
        let names: Vec<&str> = self.overruled.iter().map(SignalName::as_str).collect();
        format!("; a person went on without evidence from {}", names.join(", "))
    }

    /// Everything a stage needs to end that it does not have, as reasons to wait; holds not included.
    pub(crate) fn what_is_missing(&self, stage: usize, now: Timestamp) -> Vec<Waiting> {
        let Some(baking_since) = self.stages[stage].baking_since else {
            return vec![waiting(
                WaitingOn::Effect,
                "the share is not in force yet",
                "when the router has been read back",
            )];
        };
        let plan = &self.blueprint.stages[stage];
        let mut missing = Vec::new();
        let until = baking_since.plus(plan.dwell);
        if now < until {
            let left = until.since(now).human();
            missing.push(waiting(
                WaitingOn::Dwell { until },
                &format!("{} has to bake for {}, {left} are left", plan.share, plan.dwell.human()),
                &format!("in {left}"),
            ));
        }
        let lacking = plan.min_requests.saturating_sub(self.stages[stage].requests);
        if lacking > 0 {
            missing.push(waiting(
                WaitingOn::Exposure { missing: lacking },
                &format!("{} of at least {} requests so far", self.stages[stage].requests, plan.min_requests),
                &format!("after {lacking} more requests to {}", self.candidate().version),
            ));
        }
        for (signal, state) in self.blueprint.signals.iter().zip(self.observations.signals()) {
            let name = signal.name.clone();
            if state.last_data.is_none_or(|at| at < baking_since) {
                let why = format!("{name} has said nothing in this stage");
                missing.push(waiting(WaitingOn::Signal { signal: name }, &why, "when its source answers"));
            } else if state.last_of_candidate.is_none_or(|at| at < baking_since) {
                let candidate = &self.candidate().version;
                let why = format!("{name} has said nothing about {candidate} in this stage");
                let until = format!("when {candidate} has done what it counts");
                missing.push(waiting(WaitingOn::Signal { signal: name }, &why, &until));
            } else if state.is_beyond_limits() {
                let why = format!("{name} is beyond a limit, not yet for long enough to act on");
                missing.push(waiting(
                    WaitingOn::Signal { signal: name },
                    &why,
                    "when it is within its limits again",
                ));
            }
        }
        missing.extend(self.missing_evidence(stage));
        missing
    }

    /// Signals that have not shown the candidate to be safe, where a stage needs that. After the last stage a person
    /// declares the release complete anyhow.
    fn missing_evidence(&self, stage: usize) -> Vec<Waiting> {
        if self.blueprint.evidence.advance_on == AdvanceOn::Limits || stage == self.blueprint.last_stage() {
            return Vec::new();
        }
        let signals = self.blueprint.signals.iter().zip(self.observations.signals());
        signals
            .filter(|(signal, _)| !self.overruled.contains(&signal.name))
            .filter_map(|(signal, state)| {
                let weakest = state.decisive_evidence().filter(|evidence| !evidence.shows_safety()).min_by(
                    |one, other| {
                        let log_e =
                            |evidence: &Evidence| evidence.safety_log_e().unwrap_or(f64::NEG_INFINITY);
                        log_e(one).total_cmp(&log_e(other))
                    },
                )?;
                Some(self.waiting_on_evidence(&signal.name, weakest))
            })
            .collect()
    }

    fn waiting_on_evidence(&self, signal: &SignalName, evidence: &Evidence) -> Waiting {
        let (log_e, threshold) = (evidence.safety_log_e(), evidence.safety_bar());
        let odds = |log_e: f64| match log_e.exp() {
            little if little < 0.1 => "less than 0.1".to_owned(),
            some if some < 9.95 => format!("{some:.1}"),
            much => format!("{much:.0}"),
        };
        let why = match log_e {
            _ if evidence.is_distrusted() => {
                format!("{signal} cannot show that it is safe: last good's own instances differ")
            }
            Some(log_e) => format!(
                "{signal} has not shown yet that it is safe: evidence of {}, {} are needed",
                odds(log_e),
                odds(threshold)
            ),
            None => format!("{signal} cannot show that it is safe"),
        };
        let until = format!("when it has, or ripcord promote {} --why \"…\"", self.blueprint.release);
        let on = WaitingOn::Evidence { signal: signal.clone(), log_e, threshold };
        waiting(on, &why, &until)
    }

    /// Whether nothing is missing but evidence of safety.
    pub(crate) fn waits_for_evidence_only(&self, stage: usize, now: Timestamp) -> bool {
        let missing = self.what_is_missing(stage, now);
        let evidence = |waiting: &Waiting| matches!(waiting.on, WaitingOn::Evidence { .. });
        !missing.is_empty() && missing.iter().all(evidence)
    }

    fn next_stage(&self, stage: usize, now: Timestamp) -> Option<Vec<Event>> {
        // What was within its limits when the stage was ready may not be any more.
        if !self.holds.is_empty() || !self.what_is_missing(stage, now).is_empty() {
            return None;
        }
        let next = stage + 1;
        if next == self.blueprint.last_stage() && !self.may_enter_full_share(now) {
            return None;
        }
        Some(vec![Event::StageEntered { stage: next }])
    }

    /// 100 % is entered by a named person's agreement, or while an on-call person has said they are there.
    fn may_enter_full_share(&self, now: Timestamp) -> bool {
        let on_call_is_there = self.on_call_there.is_some_and(|at| now.since(at) <= ACKNOWLEDGED_FOR);
        self.promoted || on_call_is_there
    }
}

pub(crate) fn waiting(on: WaitingOn, why: &str, until: &str) -> Waiting {
    Waiting { on, why: why.to_owned(), until: until.to_owned() }
}
