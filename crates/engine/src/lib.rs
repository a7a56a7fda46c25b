//! The state machine of a release: facts in, decisions out.
//!
//! Owns: one aggregate, [`Release`]; what is allowed when; when a release advances, holds, is contained or goes
//! back; why nothing is happening. Refuses to know: clocks, sockets, stores, adapters.
//!
//! ```text
//! planned ─ staging ─ gating ─ releasing(stage i: applying → baking → ready) ─ verifying ─ complete
//!              │         │            │                                            │
//!              └─────────┴──cancelled └────→ contained ←──→ rolling_back(step j) ←─┘
//!                                                               ├─→ rolled_back
//!                                                               └─→ stuck
//! ```
//!
//! Invariant: [`Release::step`] looks, [`Release::apply`] changes. A state is exactly the fold of its recorded
//! events and observed blocks, so recovery is the same computation as running.

mod block;
mod decide;
mod effect;
mod event;
mod evidence;
mod fold;
mod input;
mod observations;
mod pending;
mod phase;
mod recompute;
mod refusal;
mod rehearsal;
mod release;
mod replay;
mod status;
mod verdict;
mod view;
mod wanted;

pub use block::{Arms, Block, Counts, Exposed, Groups, Histogram, Liveness, Sample};
pub use decide::{Fact, Step};
pub use effect::{Desired, Effect, Generation, Notice, NoticeKind, Place, Weights};
pub use event::{Cause, Event, HoldCause};
pub use evidence::{Amount, EffectOf, EffectSize, EvidenceRecord, EvidenceStatus, RuleDetail, RuleEvidence};
pub use input::{AlertThen, CheckResult, CheckStatus, Command, Input, Instance, Outcome, ReadBack};
pub use recompute::{Agreement, CannotRecompute, PlacedBlock, PlacedFact, Recomputed, is_before, recompute};
pub use refusal::Refusal;
pub use rehearsal::{
    Answers, Look, RehearsalResult, RehearsedStep, Running, SignalLook, SignalSaid, TrafficAccount, Trigger,
};
pub use release::Release;
pub use replay::{Replay, ReplayedRule};
pub use status::{
    BackStepState, BackStepStatus, Confirmed, IncidentClock, PhaseName, RehearsalStatus, RuleStatus,
    SignalStatus, StageState, StageStatus, Status, Waiting, WaitingOn,
};
pub use verdict::{Verdict, VerdictKind};
pub use view::IncidentNow;
