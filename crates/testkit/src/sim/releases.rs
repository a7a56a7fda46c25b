//! What is released, in many varieties, and what follows on it.

use ripcord_conductor::ConductorError;
use ripcord_model::{
    Duration, VersionName,
    blueprint::{AdvanceOn, BlindAction, Blueprint, Rule},
    nouns::freeze::{FreezeSpan, FreezeWindow},
};

use super::{FAULTS_FOR, PATIENCE, Simulation};
use crate::{blueprints, invariants::Violation, people};

impl Simulation {
    pub(super) fn create(&mut self, release: &str, candidate: &str) -> Result<(), Violation> {
        let mut blueprint = if self.random.chance(300) {
            blueprints::all_levels(release)
        } else {
            blueprints::exams(release)
        };
        blueprint.candidate.version = VersionName::new(candidate).expect("valid");
        if self.random.chance(300) {
            blueprint.blind.then = BlindAction::Ask;
        }
        if self.random.chance(300) {
            blueprint.staging = None;
        }
        self.vary_evidence(&mut blueprint);
        self.vary_freezes(&mut blueprint);
        let Some(conductor) = &mut self.conductor else {
            return Ok(());
        };
        if let Some(last_good) = conductor.last_good(&blueprint.service) {
            blueprint.last_good = Some(last_good);
        }
        let name = blueprint.release.clone();
        if conductor.release(&name).is_some() {
            // It was recorded before the crash.
            self.release = name;
            return Ok(());
        }
        match conductor.create(blueprint, people::person(blueprints::OWNER), self.now) {
            Ok(()) => self.release = name,
            // A full disk, or a crash; it is tried again at the next tick.
            Err(ConductorError::Store(_)) => {}
            Err(error) => return Err(self.broken("a release can follow another", &error.to_string())),
        }
        if self.fuse.take_blown() {
            self.crash();
        }
        Ok(())
    }

    /// How evidence is weighed, and what it is about.
    fn vary_evidence(&mut self, blueprint: &mut Blueprint) {
        if self.random.chance(200) {
            blueprint.evidence.advance_on = AdvanceOn::Evidence;
        }
        if self.random.chance(300) {
            blueprint.evidence.warm_up = Duration::from_secs(3);
        }
        self.world.histograms = self.random.chance(300);
        if self.world.histograms {
            blueprint.signals[1].contain = vec![Rule::WorseThanControl { margin: 0.5 }];
        }
        self.world.unlike = if self.random.chance(100) { 0.8 } else { 0.0 };
    }

    /// Freezes that begin at any moment, and releases that cannot wait for their end.
    fn vary_freezes(&mut self, blueprint: &mut Blueprint) {
        for _ in 0..self.random.below(3) {
            let from = self.now.plus(Duration::from_secs(self.random.below(200)));
            let until = from.plus(Duration::from_secs(self.random.between(5, 200)));
            let span = FreezeSpan::Absolute { from, until };
            let window = FreezeWindow { span, zone: "UTC".to_owned(), reason: "exam week".to_owned() };
            blueprint.production.freeze.push(window);
        }
        blueprint.hotfix = self.random.chance(500).then(|| "answers are lost".to_owned());
    }

    /// The next release of the service, once the one before is over.
    pub(super) fn follow_on(&mut self) -> Result<(), Violation> {
        let first = self.release.clone();
        self.create("exam-submit-v3", "v3")?;
        if self.release == first {
            return Ok(());
        }
        self.sequel = false;
        self.over_since = None;
        self.calm_at = self.now.plus(FAULTS_FOR);
        self.end_at = self.now.plus(PATIENCE);
        self.world.harmful = self.random.chance(250);
        self.watch.next_release();
        Ok(())
    }
}
