//! The verdicts of a release once more: its facts and blocks folded again, as a restart does, and every verdict computed
//! at the place where it was recorded.
//!
//! Pure and deterministic: the same facts and blocks give the same bits, whoever computes.

use std::sync::Arc;

use ripcord_model::{Timestamp, blueprint::BlueprintHash};

use crate::{
    block::Block,
    event::{Cause, Event, HoldCause},
    observations::LeadsTo,
    release::Release,
    verdict::{Verdict, VerdictKind},
};

/// A fact where it stands in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedFact {
    /// The position of its entry.
    pub position: u64,
    /// The instant of its entry.
    pub at: Timestamp,
    /// The fact.
    pub event: Event,
}

/// A block and how long the ledger was when it was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBlock {
    /// The number of entries at that time.
    pub ledger_len: u64,
    /// The block.
    pub block: Block,
}

/// Whether a block that was taken when the ledger had `ledger_len` entries was seen before the entry at `position` was
/// written. Replaying blocks and facts in this order gives the state that the facts were decided from.
pub const fn is_before(ledger_len: u64, position: u64) -> bool {
    ledger_len <= position
}

/// A verdict as it was recorded and as it comes out again.
#[derive(Debug, Clone, PartialEq)]
pub struct Recomputed {
    /// The position of its entry in the ledger.
    pub position: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// As it was recorded.
    pub recorded: Verdict,
    /// As it comes out again; `None` when it does not.
    pub again: Option<Verdict>,
}

/// What comparing both says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Every number is the same, bit for bit.
    Same,
    /// They differ.
    Different,
    /// The entry is older than the numbers of evidence: only that the verdict came out again can be said.
    NotRecorded,
}

/// Why a release cannot be computed again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotRecompute {
    /// The first fact must bring the blueprint.
    #[error("its first fact does not create it: expected all facts of one release from its first")]
    NotCreated,
    /// Whoever changed the blueprint changed what evidence is weighed by.
    #[error(
        "its blueprint has the hash {found} and was recorded with {recorded}: the record has been changed"
    )]
    OtherBlueprint {
        /// As recorded.
        recorded: BlueprintHash,
        /// As it is.
        found: BlueprintHash,
    },
}

impl Recomputed {
    /// Whether what comes out is what was recorded. Texts are not compared: they may be worded better by now.
    pub fn agreement(&self) -> Agreement {
        let Some(again) = &self.again else {
            return Agreement::Different;
        };
        let recorded = &self.recorded;
        let decided = |verdict: &Verdict| {
            (verdict.kind, verdict.signal.clone(), verdict.rule.clone(), verdict.block, verdict.harm_began)
        };
        if decided(recorded) != decided(again) {
            return Agreement::Different;
        }
        match (&recorded.evidence, &again.evidence) {
            (None, Some(_)) => Agreement::NotRecorded,
            (None, None) => Agreement::Same,
            (Some(_), None) => Agreement::Different,
            (Some(recorded), Some(again)) => {
                // As text, because the shortest text that reads back a float tells every bit, also the sign of zero.
                let text = |record| serde_json::to_string(record).ok();
                if text(recorded) == text(again) { Agreement::Same } else { Agreement::Different }
            }
        }
    }
}

/// Every verdict of a release, computed again from all of its facts and blocks in their order.
///
/// # Errors
/// [`CannotRecompute`] when the facts do not begin with the release's creation, or its blueprint is not the one that was
/// recorded.
pub fn recompute(
    facts: impl IntoIterator<Item = PlacedFact>,
    blocks: impl IntoIterator<Item = PlacedBlock>,
) -> Result<Vec<Recomputed>, CannotRecompute> {
    let mut facts = facts.into_iter();
    let mut release = created(facts.next())?;
    let mut blocks = blocks.into_iter().peekable();
    let mut verdicts = Vec::new();
    for PlacedFact { position, at, event } in facts {
        while let Some(placed) = blocks.next_if(|placed| is_before(placed.ledger_len, position)) {
            release.observe(&placed.block);
        }
        if let Some(recorded) = verdict_of(&event) {
            let again = release.judge_again(recorded.kind);
            verdicts.push(Recomputed { position, at, recorded: recorded.clone(), again });
        }
        release.apply(&event, at);
    }
    Ok(verdicts)
}

fn created(first: Option<PlacedFact>) -> Result<Release, CannotRecompute> {
    let Some(PlacedFact { at, event: Event::Created { hash, blueprint, first_generation }, .. }) = first
    else {
        return Err(CannotRecompute::NotCreated);
    };
    let release = Release::new(Arc::new(*blueprint), first_generation, at);
    if *release.hash() == hash {
        Ok(release)
    } else {
        Err(CannotRecompute::OtherBlueprint { recorded: hash, found: release.hash().clone() })
    }
}

fn verdict_of(event: &Event) -> Option<&Verdict> {
    let (Event::Judged { verdict }
    | Event::ContainDecided { cause: Cause::Verdict(verdict) }
    | Event::RollbackDecided { cause: Cause::Verdict(verdict), .. }) = event
    else {
        return None;
    };
    Some(verdict)
}

impl Release {
    /// The verdict of this kind that the release would give in its present state.
    fn judge_again(&self, kind: VerdictKind) -> Option<Verdict> {
        match kind {
            VerdictKind::Rollback => self.due(LeadsTo::Rollback),
            VerdictKind::Contain => self.due(LeadsTo::Contain),
            VerdictKind::Advance => Some(self.advance_verdict(self.stage()?)),
            VerdictKind::Blind => {
                let cause = self.holds.keys().find(|cause| matches!(cause, HoldCause::Blind { .. }))?;
                Some(self.blind_verdict(cause))
            }
            VerdictKind::Hold => None,
        }
    }
}
