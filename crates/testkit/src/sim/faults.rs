//! What goes wrong: systems that refuse, metrics that fall silent, a control plane that is killed and comes back.

use ripcord_conductor::Conductor;
use ripcord_store::Store;

use super::{Happening, Simulation};
use crate::{invariants::Violation, world::Broken};

impl Simulation {
    pub(super) fn fault(&mut self) {
        let calm = !self.disturbed();
        let toggles = !calm && self.random.chance(self.hostility);
        self.world.metrics_up = calm || !self.random.chance(self.hostility / 3);
        self.world.candidate_alive = calm || !self.random.chance(self.hostility / 20);
        self.world.last_good_alive &= calm || !self.random.chance(self.hostility / 20);
        self.world.gate_fails = toggles && self.random.chance(300);
        self.fuse.set_full(!calm && self.random.chance(60));
        self.world.harmful |= toggles && self.random.chance(60);
        self.world.broken.clear();
        let parts = [Broken::Router, Broken::Workload, Broken::Flags, Broken::Probe, Broken::Data];
        for part in parts {
            if toggles && self.random.chance(150) {
                let transient = self.random.chance(700);
                self.world.broken.insert(part, transient);
            }
        }
        self.watch.metrics(self.world.metrics_up, self.now);
    }

    /// Kill -9: what was in memory is gone; effects that were on their way may or may not still happen.
    pub(super) fn crash(&mut self) {
        let Some(conductor) = self.conductor.take() else {
            return;
        };
        self.crashes += 1;
        self.before_crash = conductor.release(&self.release).cloned();
        self.stored = Some(conductor.into_store());
        let survives = self.random.chance(500);
        self.queue.retain(|happening| match happening {
            Happening::Answer { .. } => false,
            Happening::Perform(_) => survives,
            Happening::Tick
            | Happening::Sample
            | Happening::Stale(_)
            | Happening::Person
            | Happening::Fault
            | Happening::Crash
            | Happening::Restart
            | Happening::Slept => true,
        });
        let delay = self.random.between(100, 30_000);
        self.later(delay, Happening::Restart);
    }

    pub(super) fn restart(&mut self) -> Result<(), Violation> {
        let Some(store) = self.stored.take() else {
            return Ok(());
        };
        let recorded = store.len();
        let conductor =
            Conductor::open(store).map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        if conductor.store().len() != recorded {
            return Err(self.broken("6 recovery", "recovery changed the ledger"));
        }
        let again = Conductor::open(conductor.store().clone())
            .map_err(|error| self.broken("6 recovery", &error.to_string()))?;
        if again.release(&self.release) != conductor.release(&self.release) {
            return Err(self.broken("6 recovery", "two replays of one ledger differ"));
        }
        self.conductor = Some(conductor);
        let now = self.now;
        self.with_conductor(|conductor, _| Ok(conductor.resume(now)));
        Ok(())
    }
}
