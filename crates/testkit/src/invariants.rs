//! The promises, checked against the world and the ledger after every step of a simulation.

mod accepted;

use std::{collections::BTreeMap, fmt};

use accepted::Accepted;
use ripcord_engine::{Desired, Event, PhaseName, Release};
use ripcord_ledger::Entry;
use ripcord_model::{Timestamp, VersionName};
use ripcord_store::StoredEntry;

use crate::{blueprints::OWNER, world::World};

/// A broken promise: where, and how it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The promise, as numbered in ARCHITECTURE.md.
    pub promise: &'static str,
    /// How it shows.
    pub what: String,
    /// When, in virtual time.
    pub at: Timestamp,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.promise, self.at, self.what)
    }
}

/// Watches one release.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Entries already looked at.
    seen: u64,
    gate_open: bool,
    bleeding_stopped: bool,
    approved: Vec<String>,
    /// Candidates of releases that were reported rolled back: never again, until somebody ships them again.
    withdrawn: Vec<VersionName>,
    newest_generation: u64,
    /// The last block that is part of a closed segment.
    closed_to: u64,
    /// How often each step that must not be repeated was begun, as recorded.
    begun: BTreeMap<String, u32>,
    metrics_down_since: Option<Timestamp>,
    accepted: Accepted,
}

impl Watch {
    /// Entries already looked at.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// The metric source fell silent or came back.
    pub(crate) fn metrics(&mut self, up: bool, now: Timestamp) {
        self.metrics_down_since = if up { None } else { self.metrics_down_since.or(Some(now)) };
    }

    /// Another release of the service begins.
    pub(crate) fn next_release(&mut self) {
        self.gate_open = false;
        self.bleeding_stopped = false;
        self.approved.clear();
        self.closed_to = 0;
        self.accepted.next_release();
    }

    /// Promises 1 and 2, which the world can break at any instant.
    pub(crate) fn check_world(
        &self,
        release: &Release,
        world: &World,
        now: Timestamp,
    ) -> Result<(), Violation> {
        let exposed_ppm = world.share_of(&release.blueprint().candidate.version);
        let allowed_ppm = allowed_share_ppm(release);
        if exposed_ppm > allowed_ppm {
            let what = format!(
                "{exposed_ppm} ppm reach the candidate, {allowed_ppm} are allowed in {:?}",
                release.phase()
            );
            return Err(Violation { promise: "1 exposure", what, at: now });
        }
        for version in &self.withdrawn {
            let exposed = world.share_of(version);
            if exposed > 0 {
                let what = format!("{exposed} ppm reach {version} after its release was rolled back");
                return Err(Violation { promise: "2 read back", what, at: now });
            }
        }
        let back = matches!(release.phase(), PhaseName::RolledBack | PhaseName::Contained);
        if back && exposed_ppm > 0 {
            let what =
                format!("{exposed_ppm} ppm reach the candidate after {:?} was reported", release.phase());
            return Err(Violation { promise: "2 read back", what, at: now });
        }
        Ok(())
    }

    /// Promise 6: no step that must not be repeated has happened more often than it was begun. A late second arrival of
    /// the same effect is the adapter's to refuse, and not counted here.
    pub(crate) fn check_unsafe_steps(&self, world: &World, now: Timestamp) -> Result<(), Violation> {
        for (change, times) in &world.unsafe_steps {
            let begun = self.begun.get(change).copied().unwrap_or_default();
            if *times > begun {
                let what = format!("{change} was undone {times} times and begun {begun} times");
                return Err(Violation { promise: "6 unsafe step", what, at: now });
            }
        }
        Ok(())
    }

    /// Promises 3, 5 and 7, as the new entries tell.
    pub(crate) fn check_entries(
        &mut self,
        release: &Release,
        world: &World,
        entries: &[StoredEntry],
        now: Timestamp,
    ) -> Result<(), Violation> {
        for stored in entries {
            let broken = |promise, what: String| Violation { promise, what, at: now };
            let entry =
                Entry::from_bytes(&stored.bytes).map_err(|error| broken("9 ledger", error.to_string()))?;
            self.seen = stored.position + 1;
            let Ok(event) = serde_json::from_str::<Event>(entry.fact.get()) else {
                self.accepted.check_paper(&entry).map_err(|what| broken("4 override", what))?;
                continue;
            };
            self.accepted.check_nothing_owed().map_err(|what| broken("4 override", what))?;
            if let Event::Intended { effect } = &event {
                if effect.generation.0 <= self.newest_generation {
                    let what = format!("{} follows {}", effect.generation, self.newest_generation);
                    return Err(broken("generations grow", what));
                }
                self.newest_generation = effect.generation.0;
            }
            if entry.release.as_ref() != Some(&release.blueprint().release) {
                continue;
            }
            self.check_event(&event, entry.by.name.as_str(), release, world)
                .map_err(|(promise, what)| broken(promise, what))?;
            self.accepted.check_freeze(&event, &entry, release).map_err(|what| broken("3 gate", what))?;
            self.check_blindness(&event, release, entry.at).map_err(|what| broken("7 blind", what))?;
        }
        let owed = self.accepted.check_nothing_owed();
        owed.map_err(|what| Violation { promise: "4 override", what, at: now })
    }

    fn check_event(
        &mut self,
        event: &Event,
        by: &str,
        release: &Release,
        world: &World,
    ) -> Result<(), (&'static str, String)> {
        match event {
            Event::GateOpened { checks } => {
                self.gate_open = true;
                if !checks.iter().all(|check| check.status.opens()) {
                    return Err(("3 gate", "the gate opened over a failed check".to_owned()));
                }
            }
            Event::StageEntered { .. } if !self.gate_open => {
                return Err(("3 gate", "a stage began before the gate opened".to_owned()));
            }
            Event::RollbackDecided { .. } | Event::ContainDecided { .. } => self.bleeding_stopped = false,
            Event::BleedingStopped => {
                self.bleeding_stopped = true;
                let exposed = world.share_of(&release.blueprint().candidate.version);
                if exposed > 0 {
                    return Err((
                        "2 read back",
                        format!("bleeding reported stopped with {exposed} ppm on the candidate"),
                    ));
                }
            }
            Event::SegmentClosed { first_seq, last_seq, .. } => {
                if *first_seq != self.closed_to + 1 {
                    let what = format!(
                        "a segment begins at block {first_seq}, the last one ended at {}",
                        self.closed_to
                    );
                    return Err(("9 ledger", what));
                }
                self.closed_to = *last_seq;
            }
            Event::RolledBack => self.withdrawn.push(release.blueprint().candidate.version.clone()),
            Event::Intended { effect } => {
                if let Desired::UndoMigration { change } | Desired::RestoreData { change } = &effect.desired {
                    *self.begun.entry(change.clone()).or_default() += 1;
                }
            }
            Event::Repeated { generation, .. } => {
                let repeats =
                    release.effect(*generation).is_some_and(|effect| !effect.desired.may_be_repeated());
                if repeats {
                    return Err(("6 unsafe step", format!("generation {generation} was repeated")));
                }
            }
            Event::BackStepApproved { step } => {
                if by == OWNER {
                    return Err(("5 approval", format!("the owner approved {step}")));
                }
                self.approved.push(step.clone());
            }
            Event::BackStepStarted { step } => {
                self.check_step(step, release)?;
                // An approval is for one execution.
                self.approved.retain(|approved| approved != step);
            }
            _other => {}
        }
        Ok(())
    }

    fn check_step(&self, id: &str, release: &Release) -> Result<(), (&'static str, String)> {
        let step = release.blueprint().way_back.steps.iter().find(|step| step.id == id);
        let Some(step) = step else {
            return Err(("5 approval", format!("{id} is not a step of the way back")));
        };
        if !step.level.needs_approval() {
            return Ok(());
        }
        if release.clock().bleeding_stopped.is_none() {
            return Err(("5 approval", format!("{id} began before the bleeding had stopped")));
        }
        if !self.approved.iter().any(|approved| approved == id) {
            return Err(("5 approval", format!("{id} began without approval")));
        }
        Ok(())
    }

    /// A release whose signals have been silent for longer than the plan allows must not advance.
    fn check_blindness(&self, event: &Event, release: &Release, now: Timestamp) -> Result<(), String> {
        let advances = matches!(event, Event::StageReady { .. } | Event::Completed { .. });
        let after = release.blueprint().blind.after;
        match self.metrics_down_since {
            Some(since) if advances && now.since(since) > after => Err(format!(
                "advanced though the metric source has been silent for {}",
                now.since(since).human()
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// The most the candidate may receive where the release is.
fn allowed_share_ppm(release: &Release) -> u32 {
    let stages = &release.blueprint().stages;
    match release.phase() {
        PhaseName::Planned | PhaseName::Staging | PhaseName::Gating | PhaseName::Cancelled => 0,
        PhaseName::Releasing | PhaseName::Verifying | PhaseName::Complete => {
            release.stage().map_or(0, |stage| stages[stage].share.ppm())
        }
        // Until the router has been read back, what was in force when it turned round may still be.
        PhaseName::RollingBack | PhaseName::Stuck if release.clock().bleeding_stopped.is_none() => 1_000_000,
        PhaseName::RollingBack | PhaseName::Stuck | PhaseName::Contained | PhaseName::RolledBack => 0,
    }
}

/// Promise 9: the ledger verifies from its first entry.
pub(crate) fn verify_ledger(store: &ripcord_store::MemoryStore, now: Timestamp) -> Result<(), Violation> {
    use ripcord_ledger::verify::{Claim, Row, verify};
    use ripcord_store::Store as _;
    let broken = |what: String| Violation { promise: "9 ledger", what, at: now };
    let entries = store.read(0, usize::MAX).map_err(|error| broken(error.to_string()))?;
    let checkpoints = store.checkpoints(0, usize::MAX).map_err(|error| broken(error.to_string()))?;
    let rows = entries.into_iter().map(|entry| Row {
        position: entry.position,
        bytes: entry.bytes,
        leaf_hash: entry.leaf_hash.to_vec(),
        remarks: Vec::new(),
    });
    // Every checkpoint's signature costs more than a run; the last few cover all entries before them.
    let last = checkpoints.len().saturating_sub(3);
    let claims = checkpoints.into_iter().skip(last).map(|checkpoint| Claim {
        size: checkpoint.size,
        root: checkpoint.root.to_vec(),
        signature: checkpoint.signature.clone(),
    });
    verify(rows, claims, &store.public_key()).map(drop).map_err(|findings| broken(findings.to_string()))
}
