//! What the evidence says after each block.

use ripcord_analysis::{
    Absorbed,
    watch::{GroupCounts, WatchConfig, WatchState},
};
use ripcord_engine::VerdictKind;
use serde::Serialize;

use super::{
    header::{Header, TestName},
    line::Block,
    lines::{Line, unusable},
};
use crate::failure::CommandError;

/// The chance that an interval ever misses.
const INTERVAL: f64 = 0.05;

/// What the stream is judged by, for people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Which test.
    pub test: TestName,
    /// The accepted chance of a false rollback.
    pub alpha: f64,
    /// The natural logarithm that evidence has to reach.
    pub threshold: f64,
}

/// The answer to one block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The block's number.
    pub seq: u64,
    /// Natural logarithm of the e-value.
    pub log_e: f64,
    /// What follows.
    pub verdict: VerdictKind,
    /// The block at which a verdict that stays was reached: a rollback, or containment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// Canary over control; the canary's rate for `absolute`, the mean difference for `sign_flip`.
    pub estimate: Option<f64>,
    /// Where the estimated quantity lies, at 95 %, however often one looks; `null` ends are unbounded.
    pub interval: Option<(Option<f64>, Option<f64>)>,
    /// All events so far on the canary.
    pub canary: Option<Arm>,
    /// And on the control.
    pub control: Option<Arm>,
    /// Natural logarithm of the e-value of safety.
    pub log_e_safety: Option<f64>,
    /// The block had been answered before, or came too late; nothing has changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignored: bool,
}

/// The sums of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Arm {
    /// Events, or exposure.
    pub n: f64,
    /// The bad ones.
    pub bad: f64,
    /// Bad ones per event.
    pub rate: Option<f64>,
}

/// The state of the stream.
#[derive(Debug)]
pub(super) struct Judge {
    test: TestName,
    config: WatchConfig,
    state: WatchState,
    alpha: f64,
    contain: Option<f64>,
    advance: f64,
    is_reversed: bool,
    last: Option<Answer>,
}

impl Judge {
    /// No block yet.
    pub(super) fn new(header: &Header) -> Result<Self, CommandError> {
        Ok(Self {
            test: header.test,
            config: header.watch.clone(),
            state: WatchState::new(&header.watch),
            alpha: header.alpha,
            contain: header.contain,
            advance: header.advance,
            is_reversed: header.is_reversed,
            last: None,
        })
    }

    /// What is judged by.
    pub(super) fn setting(&self) -> Setting {
        Setting { test: self.test, alpha: self.alpha, threshold: -self.alpha.ln() }
    }

    /// Takes in one block and answers it.
    pub(super) fn take(&mut self, line: &Line, block: Block) -> Result<Answer, CommandError> {
        let updated = self.state.update(&self.config, block.seq, &block.observation, &GroupCounts::None);
        let absorbed = updated.map_err(|refused| {
            unusable(line.number, None, &line.text, &refused.to_string(), "a block that the test can take")
        })?;
        if let (Absorbed::Ignored, Some(last)) = (absorbed, &self.last) {
            return Ok(Answer { seq: block.seq, ignored: true, ..last.clone() });
        }
        let mut answer = self.answer(block.seq, absorbed);
        if matches!(answer.verdict, VerdictKind::Rollback | VerdictKind::Contain) {
            let before = self.last.as_ref().filter(|last| last.verdict == answer.verdict);
            answer.since = before.and_then(|last| last.since).or(Some(block.seq));
        }
        self.last = Some(answer.clone());
        Ok(answer)
    }

    fn answer(&self, seq: u64, absorbed: Absorbed) -> Answer {
        let harm = self.state.harm();
        let arm = |exposure: ripcord_analysis::Exposure| Arm {
            n: exposure.n,
            bad: exposure.bad,
            rate: exposure.rate(),
        };
        let totals = harm.totals();
        let two_arms = !matches!(self.test, TestName::Absolute);
        Answer {
            seq,
            log_e: harm.log_e(),
            verdict: self.verdict(absorbed),
            since: None,
            estimate: harm.estimate(),
            interval: self.state.interval(INTERVAL),
            canary: totals.map(|(canary, _)| arm(canary)),
            control: totals.filter(|_| two_arms).map(|(_, control)| arm(control)),
            log_e_safety: self.safety(),
            ignored: false,
        }
    }

    /// A rollback stays one, and so does containment: what was decided on evidence once is not taken back by silence.
    fn verdict(&self, absorbed: Absorbed) -> VerdictKind {
        let reached = |log_e: f64, chance: f64| log_e >= -chance.ln();
        let peak = self.state.harm().log_e_peak();
        if !self.is_reversed && reached(peak, self.alpha) {
            VerdictKind::Rollback
        } else if !self.is_reversed && self.contain.is_some_and(|contain| reached(peak, contain)) {
            VerdictKind::Contain
        } else if absorbed == Absorbed::Nothing {
            VerdictKind::Blind
        } else if self.safety().is_some_and(|safety| reached(safety, self.advance)) {
            VerdictKind::Advance
        } else {
            VerdictKind::Hold
        }
    }

    /// Evidence of safety: that of the reversed test, or the evidence itself when its bets are reversed.
    fn safety(&self) -> Option<f64> {
        match self.state.safety() {
            Some(safety) => Some(safety.log_e()),
            None => self.is_reversed.then(|| self.state.harm().log_e()),
        }
    }
}
