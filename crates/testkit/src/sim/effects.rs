//! Effects on their way: late, twice, unheard, or done and denied.

use ripcord_conductor::Todo;
use ripcord_engine::{Desired, Effect, Outcome};

use super::{EFFECT_LIMIT, Happening, STALE_MAX, Simulation};

impl Simulation {
    pub(super) fn dispatch(&mut self, todos: Vec<Todo>) {
        for todo in todos {
            let delay = self.random.between(1, 800);
            // What must not be repeated is sent once; everything else may arrive again.
            if todo.effect.desired.may_be_repeated() && self.random.chance(100) {
                let late = self.random.between(delay, STALE_MAX.as_ms() - 1_000);
                self.later(late, Happening::Stale(todo.clone()));
            }
            self.later(delay, Happening::Perform(todo));
        }
    }

    pub(super) fn perform(&mut self, todo: Todo) {
        self.effects += 1;
        let Todo { release, effect } = todo;
        let generation = effect.generation;
        let disturbed = self.disturbed();
        let (outcome, delay) = if disturbed && self.random.chance(80) {
            // The effect may have happened; nobody hears of it.
            if self.random.chance(500) {
                let _lost = self.world.perform(&effect);
            }
            (
                Outcome::Failed { reason: "no answer in 20 s".to_owned(), transient: true },
                EFFECT_LIMIT.as_ms(),
            )
        } else if disturbed && steers_traffic(&effect) && self.random.chance(40) {
            // The router took it up and complains all the same.
            let _applied = self.world.perform(&effect);
            let transient = self.random.chance(700);
            let reason = "applied, but the reload reported an error".to_owned();
            (Outcome::Failed { reason, transient }, self.random.between(1, 1_500))
        } else {
            (self.world.perform(&effect), self.random.between(1, 1_500))
        };
        self.later(delay, Happening::Answer { release, generation, outcome });
    }
}

fn steers_traffic(effect: &Effect) -> bool {
    matches!(effect.desired, Desired::Traffic { .. })
}
