//! Which confirmed times are looked after: per service that of the release that was rehearsed last, while it has not left the
//! gate. What is in production is not rehearsed beside it, and what is over needs no way back.

use std::collections::BTreeMap;

use ripcord_engine::{PhaseName, RehearsalResult, Release};
use ripcord_model::{
    ReleaseName, ServiceName,
    paper::{Paper, RehearsalWarned},
};
use ripcord_store::Store;

use super::core::Core;
use crate::rehearsal::LookedAfter;

/// The rehearsals of one service.
#[derive(Default)]
struct Rehearsed<'a> {
    newest: Option<&'a RehearsalResult>,
    running: Option<(ReleaseName, ReleaseName)>,
    stuck: Option<ReleaseName>,
}

impl<S: Store> Core<S> {
    /// The releases whose confirmed times are looked after, at most one per service.
    pub(crate) fn look_after(&self) -> Vec<LookedAfter> {
        self.rehearsed_services()
            .into_iter()
            .filter_map(|(service, rehearsed)| {
                let release = rehearsed.newest?.release.clone();
                if !self.is_before_the_gate(&release) {
                    return None;
                }
                let results = self.conductor.rehearsals(&release).into_iter().map(|(_, result)| result);
                let is_running = rehearsed.running.as_ref().is_some_and(|(_, of)| *of == release);
                Some(LookedAfter {
                    results: results.collect(),
                    warned: self.warned(&release),
                    is_running,
                    in_the_way: self.in_the_way(&service, &rehearsed),
                    release,
                })
            })
            .collect()
    }

    fn rehearsed_services(&self) -> BTreeMap<ServiceName, Rehearsed<'_>> {
        let mut services: BTreeMap<ServiceName, Rehearsed<'_>> = BTreeMap::new();
        for release in self.conductor.releases().iter().filter_map(|name| self.conductor.release(name)) {
            let Some(of) = release.rehearsal() else { continue };
            let blueprint = release.blueprint();
            let known = services.entry(blueprint.service.clone()).or_default();
            match release.rehearsed() {
                None if release.is_over() => {}
                None => known.running = Some((blueprint.release.clone(), of.release.clone())),
                Some(result) if known.newest.is_none_or(|newest| newest.at <= result.at) => {
                    known.newest = Some(result);
                }
                Some(_) => {}
            }
            if release.phase() == PhaseName::Stuck {
                known.stuck = Some(blueprint.release.clone());
            }
        }
        services
    }

    fn is_before_the_gate(&self, release: &ReleaseName) -> bool {
        match self.conductor.release(release).map(Release::phase) {
            None | Some(PhaseName::Planned | PhaseName::Staging | PhaseName::Gating) => true,
            Some(
                PhaseName::Releasing
                | PhaseName::Verifying
                | PhaseName::Complete
                | PhaseName::Cancelled
                | PhaseName::Contained
                | PhaseName::RollingBack
                | PhaseName::RolledBack
                | PhaseName::Stuck,
            ) => false,
        }
    }

    fn warned(&self, release: &ReleaseName) -> Vec<RehearsalWarned> {
        let papers = self.conductor.papers(release).iter();
        let warned = papers.filter_map(|noted| {
            let Paper::RehearsalWarned(warned) = &noted.paper else { return None };
            Some(warned.clone())
        });
        warned.collect()
    }

    /// What has to come before another rehearsal of the service, as a part of a sentence.
    fn in_the_way(&self, service: &ServiceName, rehearsed: &Rehearsed<'_>) -> Option<String> {
        if let Some((running, _)) = &rehearsed.running {
            return Some(format!("{running} has ended"));
        }
        // A person's rehearsal takes the place of a stuck one. Ripcord's waits until somebody has looked.
        if let Some(stuck) = &rehearsed.stuck {
            return Some(format!("somebody has looked at {stuck}, which is stuck"));
        }
        let releases = self.conductor.releases();
        releases.iter().filter_map(|name| Some((name, self.conductor.release(name)?))).find_map(
            |(name, release)| {
                let is_of = release.blueprint().service == *service && release.rehearsal().is_none();
                let what = is_of.then(|| what_it_does(release.phase())).flatten()?;
                Some(format!("{name} {what}"))
            },
        )
    }
}

/// What a release has to have done before staging is used beside it.
const fn what_it_does(phase: PhaseName) -> Option<&'static str> {
    match phase {
        PhaseName::Staging => Some("has left staging"),
        PhaseName::Releasing
        | PhaseName::Verifying
        | PhaseName::Contained
        | PhaseName::RollingBack
        | PhaseName::Stuck => Some("is over"),
        PhaseName::Planned
        | PhaseName::Gating
        | PhaseName::Complete
        | PhaseName::Cancelled
        | PhaseName::RolledBack => None,
    }
}
