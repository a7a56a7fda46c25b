//! What `ripcord ship` prints while it follows: one plain line per piece of news.

use ripcord_engine::{PhaseName, StageState, Status};
use ripcord_ledger::Entry;
use ripcord_model::Duration;

use super::{event, ledger, look::Look, words};

/// The line for an entry; `None` for bookkeeping that nobody follows.
pub fn line(entry: &Entry, look: &Look) -> Option<String> {
    let fact = ledger::fact(entry)?;
    if !event::is_news(&fact) {
        return None;
    }
    let sentence = event::sentence(&fact, look);
    let by = if entry.by.is_person() { format!(" ({})", entry.by) } else { String::new() };
    let line = format!("{}  {sentence}{by}", look.time_of_day(entry.at));
    Some(look.paint(event::tone(&fact), &line))
}

/// How far the current part has come: what it is, elapsed and total in milliseconds.
pub fn running(status: &Status) -> Option<(String, u64, u64)> {
    match status.phase {
        PhaseName::Releasing | PhaseName::Verifying => {
            let stage = status.stages.iter().find(|stage| stage.state == StageState::Baking)?;
            let requests = words::thousands(stage.requests);
            let label = format!("{} · {requests} requests", words::share(stage.share));
            Some((label, stage.elapsed_ms.min(stage.dwell_ms), stage.dwell_ms))
        }
        PhaseName::RollingBack => {
            let step = status.back.iter().find(|step| step.ended.is_none() && step.started.is_some())?;
            let elapsed = step.started.map_or(Duration::ZERO, |started| status.now.since(started)).as_ms();
            Some((format!("way back: {}", step.id), elapsed.min(step.budget_ms), step.budget_ms))
        }
        PhaseName::Planned
        | PhaseName::Staging
        | PhaseName::Gating
        | PhaseName::Complete
        | PhaseName::Cancelled
        | PhaseName::Contained
        | PhaseName::RolledBack
        | PhaseName::Stuck => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples, *};

    #[test]
    fn a_baking_stage_shows_how_far_it_is() {
        let (label, elapsed, total) = running(&samples::baking()).unwrap();
        assert_eq!((label.as_str(), elapsed, total), ("10 % · 14,210 requests", 720_000, 7_200_000));
    }

    #[test]
    fn a_running_step_of_the_way_back_never_shows_more_than_its_budget() {
        let (label, elapsed, total) = running(&samples::rolling_back()).unwrap();
        assert_eq!((label.as_str(), elapsed, total), ("way back: recovery", 22_000, 60_000));
        assert!(running(&samples::stuck()).is_none());
    }
}
