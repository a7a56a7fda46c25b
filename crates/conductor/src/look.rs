//! What people and the server's loop ask of the conductor; nothing here changes anything.

use ripcord_engine::{Confirmed, RehearsalResult, Release, Status};
use ripcord_model::{
    ReleaseName, ServiceName, Timestamp,
    blueprint::{Artifact, Blueprint},
};
use ripcord_store::Store;

use crate::{conductor::Conductor, error::ConductorError};

impl<S: Store> Conductor<S> {
    /// What there is to say about a release.
    pub fn status(&self, release: &ReleaseName, now: Timestamp) -> Result<Status, ConductorError> {
        let mut status = self.running(release)?.release.status(now);
        if let Some(trouble) = &self.trouble
            && !status.phase.is_final()
        {
            status.waiting.insert(0, ripcord_engine::Waiting {
                on: ripcord_engine::WaitingOn::Record,
                why: format!("facts cannot be recorded: {trouble}"),
                until: format!("when they can be; to go back meanwhile: ripcord rollback {release} --offline --force --why \"…\""),
            });
        }
        status.confirmed = self.confirmed(release);
        status.postmortems = self.owed(release, now);
        Ok(status)
    }

    /// What the newest rehearsal of a release confirmed.
    fn confirmed(&self, release: &ReleaseName) -> Option<Confirmed> {
        let (rehearsal, result) = self.rehearsals(release).pop()?;
        let took = result.confirmed()?;
        Some(Confirmed { rehearsal, at: result.at, took, budget: result.budget, until: None })
    }

    /// The blueprint of a release.
    pub fn blueprint(&self, release: &ReleaseName) -> Option<&Blueprint> {
        self.releases.get(release).map(|running| &**running.release.blueprint())
    }

    /// A release's state, for those who want to look closer.
    pub fn release(&self, release: &ReleaseName) -> Option<&Release> {
        self.releases.get(release).map(|running| &running.release)
    }

    /// Names of all releases, oldest first.
    pub fn releases(&self) -> Vec<ReleaseName> {
        self.order.clone()
    }

    /// Whether metrics should be read for it now: it is exposed, contained or going back.
    pub fn wants_observations(&self, release: &ReleaseName) -> bool {
        self.releases.get(release).is_some_and(|running| running.release.wants_observations())
    }

    /// The number the next block must have.
    pub fn next_block(&self, release: &ReleaseName) -> u64 {
        self.releases.get(release).map_or(1, |running| running.release.next_block())
    }

    /// The candidate of the newest complete release of the service.
    pub fn last_good(&self, service: &ServiceName) -> Option<Artifact> {
        self.last_good.get(service).cloned()
    }

    /// Why facts cannot be recorded at the moment.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.clone()
    }

    /// How many outcomes wait to be recorded; they are tried again at every tick.
    pub fn unrecorded(&self) -> usize {
        self.unrecorded.len()
    }

    /// The rehearsals of a release that have a result, oldest first, by their names.
    pub fn rehearsals(&self, of: &ReleaseName) -> Vec<(ReleaseName, RehearsalResult)> {
        let running = self.order.iter().filter_map(|name| Some((name, self.releases.get(name)?)));
        let results = running.filter_map(|(name, running)| {
            let release = &running.release;
            let is_of = release.rehearsal().is_some_and(|rehearsal| rehearsal.release == *of);
            release.rehearsed().filter(|_| is_of).map(|result| (name.clone(), result.clone()))
        });
        results.collect()
    }

    /// The rehearsal of a service that is under way.
    pub fn rehearsing(&self, service: &ServiceName) -> Option<ReleaseName> {
        self.active_where(service, |release| release.rehearsal().is_some() && release.rehearsed().is_none())
    }

    /// The rehearsals of a service that got stuck and wait for a person.
    pub fn stuck_rehearsals(&self, service: &ServiceName) -> Vec<ReleaseName> {
        let is_stuck = |name: &&ReleaseName| {
            self.releases.get(*name).is_some_and(|running| {
                let release = &running.release;
                release.blueprint().service == *service
                    && release.rehearsal().is_some()
                    && release.phase() == ripcord_engine::PhaseName::Stuck
            })
        };
        self.order.iter().filter(is_stuck).cloned().collect()
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Takes the store back; what is not recorded is forgotten.
    pub fn into_store(self) -> S {
        self.store
    }
}
