//! Somebody accepts a check, as an executive would: mostly as they may.

use ripcord_model::paper::{Expiry, NewOverride, admit_override};

use super::Simulation;
use crate::people;

impl Simulation {
    /// An override goes through the conductor and its store, which may crash in the middle of it.
    pub(super) fn accept_a_check(&mut self) {
        let (now, release, by) = (self.now, self.release.clone(), people::anybody(&mut self.random));
        let check = ["rehearsal", "tests", "capacity"][self.random.below(3) as usize].to_owned();
        let expires = Expiry::After(ripcord_model::Duration::from_secs(self.random.below(90)));
        let reason = if self.random.chance(100) { String::new() } else { "it cannot wait".to_owned() };
        let new = NewOverride { check, reason, expires, owner: None };
        self.with_conductor(|conductor, _| {
            let Some(blueprint) = conductor.blueprint(&release) else { return Ok(Vec::new()) };
            // Who may not, or says nothing, is refused; so is the second of two at once.
            let Ok(admitted) = admit_override(blueprint, new, "it is not there", &by, now) else {
                return Ok(Vec::new());
            };
            conductor.override_check(&release, admitted, by, now).map(|_| Vec::new())
        });
    }
}
