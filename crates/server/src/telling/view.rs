//! Where a release's incident is, for those who are told about it.

use ripcord_comms::{Incident, View};
use ripcord_engine::{IncidentNow, PhaseName, Release};
use ripcord_model::{Duration, Timestamp};

/// The view of a release; `confirmed` is how long its way back took in rehearsal.
pub(crate) fn view(release: &Release, confirmed: Option<Duration>) -> View {
    let blueprint = release.blueprint();
    let incident = release.incident();
    let started_at = release
        .out_since()
        .or_else(|| incident.as_ref().map(|incident| incident.decided))
        .unwrap_or(Timestamp::from_ms(0));
    View {
        incident: incident.map(|incident| in_words(release, incident)),
        started_at,
        confirmed,
        afterwards: format!("{} goes on", blueprint.candidate.version),
    }
}

fn in_words(release: &Release, incident: IncidentNow) -> Incident {
    let blueprint = release.blueprint();
    let clock = release.clock();
    let candidate = &blueprint.candidate.version;
    let last_good = blueprint.last_good.as_ref().map_or("nothing", |good| good.version.as_str());
    let state = match release.phase() {
        PhaseName::Contained => format!("contained, no user reaches {candidate}"),
        PhaseName::Stuck => format!("stuck on the way back to {last_good}"),
        PhaseName::RolledBack => format!("back on {last_good}"),
        PhaseName::RollingBack if clock.bleeding_stopped.is_some() => {
            format!("users are back on {last_good}, the rest of the way back is under way")
        }
        PhaseName::RollingBack if incident.level.is_none() => "being contained".to_owned(),
        PhaseName::RollingBack => format!("going back to {last_good}"),
        PhaseName::Complete | PhaseName::Releasing | PhaseName::Verifying => format!("{candidate} goes on"),
        PhaseName::Planned | PhaseName::Staging | PhaseName::Gating | PhaseName::Cancelled => {
            format!("no user has {candidate}")
        }
    };
    let over = release.phase().is_final().then(|| {
        let how = match (release.phase(), clock.verified_recovered) {
            (PhaseName::RolledBack, Some(_)) => format!("{state}, and recovery was seen"),
            (_, _) => state.clone(),
        };
        (clock.all_clear.unwrap_or(incident.since), how)
    });
    Incident {
        decided: incident.decided,
        reason: incident.reason,
        by: incident.by,
        level: incident.level,
        harm_began: clock.harm_began,
        state,
        bleeding_stopped: clock.bleeding_stopped,
        stuck: incident.stuck.map(|why| (incident.since, why)),
        over,
    }
}
