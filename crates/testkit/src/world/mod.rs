//! The systems a release acts on, as they behave: they keep what is in force, refuse older generations, lose
//! answers, and go on while the control plane is dead.

mod samples;

use std::collections::{BTreeMap, BTreeSet};

use ripcord_engine::{
    CheckResult, CheckStatus, Desired, Effect, Generation, Instance, Look, Outcome, Place, ReadBack, Running,
    Weights,
};
use ripcord_model::{Share, VersionName};

/// Everything outside the control plane.
#[derive(Debug, Clone)]
pub struct World {
    /// The split in force in production, with its generation.
    pub traffic: Option<(Generation, Weights)>,
    workload: BTreeMap<Place, (Generation, BTreeSet<VersionName>)>,
    flags: BTreeMap<String, (Generation, bool)>,
    /// Migrations undone and data restored, in order: `(change, how often begun)`.
    pub unsafe_steps: BTreeMap<String, u32>,
    /// Share of submits that fail on the candidate while [`World::harmful`], and on last good always.
    pub candidate_rate: f64,
    /// See [`World::candidate_rate`].
    pub control_rate: f64,
    /// Whether the candidate's fault shows.
    pub harmful: bool,
    /// Whether the metric source answers.
    pub metrics_up: bool,
    /// How many instances of last good the metric source tells apart; 1 for none.
    pub instances: u64,
    /// How much worse every second of them is, and how much better the others: a part of the rate, below 1.
    pub unlike: f64,
    /// Whether it gives the buckets of quantiles and not only their values.
    pub histograms: bool,
    /// Whether the candidate's processes live.
    pub candidate_alive: bool,
    /// Whether the candidate answers what it is asked.
    pub candidate_answers: bool,
    /// Whether last good's processes live.
    pub last_good_alive: bool,
    /// Effects of these kinds fail, transiently or for good.
    pub broken: BTreeMap<Broken, bool>,
    /// Whether the gate finds something wrong.
    pub gate_fails: bool,
    /// Whether somebody else gives the candidate traffic again after a rehearsal.
    pub meddled: bool,
}

/// What can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// The router refuses.
    Router,
    /// The workload refuses.
    Workload,
    /// Flags cannot be set.
    Flags,
    /// Probes fail.
    Probe,
    /// Migrations and data.
    Data,
}

impl Default for World {
    fn default() -> Self {
        Self {
            traffic: None,
            workload: BTreeMap::new(),
            flags: BTreeMap::new(),
            unsafe_steps: BTreeMap::new(),
            candidate_rate: 0.01,
            control_rate: 0.01,
            harmful: false,
            metrics_up: true,
            instances: 1,
            unlike: 0.0,
            histograms: false,
            candidate_alive: true,
            candidate_answers: true,
            last_good_alive: true,
            broken: BTreeMap::new(),
            gate_fails: false,
            meddled: false,
        }
    }
}

impl World {
    /// The share of production traffic that reaches `version`.
    pub fn share_of(&self, version: &VersionName) -> u32 {
        self.traffic.as_ref().map_or(0, |(_, weights)| weights.share_of(version).ppm())
    }

    /// Does what an adapter does: refuse what is older, make true, read back.
    pub fn perform(&mut self, effect: &Effect) -> Outcome {
        if let Some(transient) = self.broken_for(&effect.desired) {
            return Outcome::Failed { reason: format!("{} refused", effect.desired.in_words()), transient };
        }
        let generation = effect.generation;
        match &effect.desired {
            Desired::Traffic { place: Place::Production, weights } => self.set_traffic(generation, weights),
            Desired::Traffic { place: Place::Staging, weights } => {
                Outcome::Done(ReadBack::Traffic(weights.clone()))
            }
            Desired::Workload { place, running } => {
                let versions = running.iter().map(|artifact| artifact.version.clone()).collect();
                self.set_workload(*place, generation, versions)
            }
            Desired::Flag { flag, on, .. } => self.set_flag(flag, generation, *on),
            Desired::Gate => Outcome::Done(ReadBack::Gate(self.checks())),
            Desired::Look { place } => self.look(*place),
            Desired::Fault { .. } => {
                self.harmful = true;
                self.candidate_rate = 0.5;
                Outcome::Done(ReadBack::Nothing)
            }
            Desired::UndoMigration { change } | Desired::RestoreData { change } => {
                *self.unsafe_steps.entry(change.clone()).or_default() += 1;
                Outcome::Done(ReadBack::Nothing)
            }
            Desired::Probe { .. } | Desired::Notice(_) => Outcome::Done(ReadBack::Nothing),
        }
    }

    fn broken_for(&self, desired: &Desired) -> Option<bool> {
        let part = match desired {
            Desired::Traffic { .. } => Broken::Router,
            Desired::Workload { .. } => Broken::Workload,
            Desired::Flag { .. } => Broken::Flags,
            Desired::Probe { .. } => Broken::Probe,
            Desired::UndoMigration { .. } | Desired::RestoreData { .. } => Broken::Data,
            Desired::Gate | Desired::Look { .. } | Desired::Fault { .. } | Desired::Notice(_) => return None,
        };
        self.broken.get(&part).copied()
    }

    fn look(&self, place: Place) -> Outcome {
        let Some((_, weights)) = &self.traffic else {
            let reason = "the router was never told anything".to_owned();
            return Outcome::Failed { reason, transient: false };
        };
        let versions = self.workload.get(&place).map(|(_, versions)| versions.clone()).unwrap_or_default();
        let one = Running { instances: 1, digest: None };
        let mut weights = weights.clone();
        if self.meddled
            && let Some((version, _)) = weights.0.first().cloned()
        {
            let other = VersionName::new("v2").expect("valid");
            weights = Weights::split(&other, Share::percent(10), &version);
        }
        Outcome::Done(ReadBack::Look(Box::new(Look {
            weights,
            running: versions.into_iter().map(|version| (version, one.clone())).collect(),
            flags: self.flags.iter().map(|(flag, (_, on))| (flag.clone(), *on)).collect(),
            traffic: None,
        })))
    }

    fn set_traffic(&mut self, generation: Generation, weights: &Weights) -> Outcome {
        if self.traffic.as_ref().is_some_and(|(in_force, _)| *in_force > generation) {
            return Outcome::Superseded;
        }
        self.traffic = Some((generation, weights.clone()));
        Outcome::Done(ReadBack::Traffic(weights.clone()))
    }

    fn set_workload(
        &mut self,
        place: Place,
        generation: Generation,
        versions: BTreeSet<VersionName>,
    ) -> Outcome {
        if self.workload.get(&place).is_some_and(|(in_force, _)| *in_force > generation) {
            return Outcome::Superseded;
        }
        // Whatever is named and does not live is started again; the candidate's fault kills it anew.
        self.last_good_alive |= place == Place::Production;
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], 9000));
        let instances =
            versions.iter().map(|version| Instance { version: version.clone(), address }).collect();
        self.workload.insert(place, (generation, versions));
        Outcome::Done(ReadBack::Workload(instances))
    }

    fn set_flag(&mut self, flag: &str, generation: Generation, on: bool) -> Outcome {
        if self.flags.get(flag).is_some_and(|(in_force, _)| *in_force > generation) {
            return Outcome::Superseded;
        }
        self.flags.insert(flag.to_owned(), (generation, on));
        Outcome::Done(ReadBack::Flag { on })
    }

    fn checks(&self) -> Vec<CheckResult> {
        let status = if self.gate_fails { CheckStatus::Fail } else { CheckStatus::Pass };
        let check = |name: &str, status| CheckResult {
            check: name.to_owned(),
            status,
            reason: "simulated".to_owned(),
            fix: "wait".to_owned(),
            owner: "maya".to_owned(),
        };
        vec![check("lint", CheckStatus::Pass), check("on-call", status)]
    }
}
