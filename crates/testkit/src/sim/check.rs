//! What must hold after every step, and at the end.

use ripcord_conductor::Conductor;
use ripcord_store::Store;

use super::{PATIENCE, Report, Simulation};
use crate::invariants::Violation;

impl Simulation {
    pub(super) fn check(&mut self) -> Result<(), Violation> {
        let Some(conductor) = &self.conductor else {
            // Dead control plane: the world is watched with the last state it had.
            return match &self.before_crash {
                Some(release) => self.watch.check_world(release, &self.world, self.now),
                None => Ok(()),
            };
        };
        let Some(release) = conductor.release(&self.release) else {
            return Ok(());
        };
        let entries = conductor.store().read(self.watch.seen(), usize::MAX).unwrap_or_default();
        self.watch.check_entries(release, &self.world, &entries, self.now)?;
        self.watch.check_world(release, &self.world, self.now)?;
        self.watch.check_unsafe_steps(&self.world, self.now)?;
        let status = release.status(self.now);
        if !status.phase.is_final() && status.waiting.is_empty() && release.outstanding().next().is_none() {
            return Err(self.broken("always says why", &format!("{:?} waits for nothing", status.phase)));
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Report, Violation> {
        let broken = |what: &str| Violation { promise: "6 recovery", what: what.to_owned(), at: self.now };
        let store = match (&self.conductor, &self.stored) {
            (Some(conductor), _) => conductor.store().clone(),
            (None, Some(store)) => store.clone(),
            (None, None) => return Err(broken("the store is lost")),
        };
        let replayed = Conductor::open(store.clone()).map_err(|error| broken(&error.to_string()))?;
        let release = replayed.release(&self.release).ok_or_else(|| broken("the release is lost"))?;
        if let Some(live) = self.conductor.as_ref().and_then(|conductor| conductor.release(&self.release))
            && live != release
        {
            return Err(broken("a replay differs from the run"));
        }
        crate::invariants::verify_ledger(store.inner(), self.now)?;
        let phase = release.phase();
        if !phase.is_final() {
            let status = release.status(self.now);
            return Err(Violation {
                promise: "every release ends",
                what: format!("still {phase:?} after {}: {:?}", PATIENCE.human(), status.waiting),
                at: self.now,
            });
        }
        Ok(Report { phase, entries: store.len(), crashes: self.crashes, effects: self.effects })
    }
}
