//! The numbers, computed.

use std::collections::BTreeMap;

use ripcord_ledger::Entry;
use ripcord_model::{ReleaseName, ServiceName};

use super::{
    Asked, ChangeType, FORMAT, Frequency, Hesitation, Known, Metrics, Rate, RehearsedActual, RollbackSuccess,
    Times, Took,
    histories::{ConfirmedTime, History, read},
};
use crate::{
    episode::{Episode, episodes},
    record::Placed,
    report::Moment,
};

/// The numbers over all entries of a ledger.
pub fn metrics<'e>(entries: impl IntoIterator<Item = &'e Entry>, asked: &Asked) -> Metrics {
    let (histories, confirmed) = read(entries, asked);
    let incidents: Vec<(&History, Episode<'_>)> = histories
        .iter()
        .flat_map(|history| episodes(&history.own).into_iter().map(move |episode| (history, episode)))
        .collect();
    let deployments: Vec<(&History, &Placed)> =
        histories.iter().filter_map(|history| Some((history, history.exposed()?))).collect();
    let failed = deployments.iter().filter(|(history, _)| has_failed(history)).count() as u64;
    let judged = deployments.iter().filter(|(history, _)| has_failed(history) || history.is_complete());
    let judged = judged.count() as u64;
    let from = histories.iter().map(|history| history.created).min();
    let newest = histories.iter().filter_map(|history| history.own.last());
    let until = newest.map(|placed| placed.at).max();
    Metrics {
        format: FORMAT,
        since: asked.since,
        service: asked.service.clone(),
        from,
        until,
        releases: histories.len() as u64,
        deployments: deployments.len() as u64,
        under_way: deployments.len() as u64 - judged,
        time_to_stop_bleeding: since_decision(&incidents, Episode::bleeding_stopped),
        time_to_roll_back_or_contain: since_decision(&incidents, Episode::ended),
        rollback_success: rollback_success(&incidents),
        change_types: change_types(&deployments, &confirmed),
        hesitation: hesitation(&incidents, asked),
        rehearsed_against_actual: rehearsed_against_actual(&incidents, &confirmed),
        change_fail_rate: Rate::new(failed, judged),
        failed_deployment_recovery_time: recovery(&incidents),
        deployment_frequency: Frequency {
            deployments: deployments.len() as u64,
            period_ms: from
                .map(|from| asked.since.unwrap_or(from))
                .zip(until)
                .map_or(0, |(from, until)| until.since(from).as_ms()),
            between: between(&deployments),
        },
        change_lead_time: Known {
            known: false,
            why: "the record does not know when a change was committed".to_owned(),
        },
    }
}

fn took(history: &History, ms: u64, between: [u64; 2]) -> Took {
    Took { release: history.release.clone(), ms, entries: between.to_vec() }
}

fn since_decision<'e>(
    incidents: &[(&History, Episode<'e>)],
    end: impl Fn(&Episode<'e>) -> Option<Moment>,
) -> Times {
    let measured = incidents.iter().filter_map(|(history, episode)| {
        let end = end(episode)?;
        let ms = episode.since_decision(end).as_ms();
        Some(took(history, ms, [episode.decided.position, end.entry]))
    });
    Times::of(measured.collect())
}

fn rollback_success(incidents: &[(&History, Episode<'_>)]) -> RollbackSuccess {
    let (mut good, mut with_help, mut stuck, mut under_way) = (0, 0, 0, 0);
    for (_, episode) in incidents.iter().filter(|(_, episode)| episode.goes_back()) {
        match (episode.rolled_back().is_some(), episode.stuck().is_some()) {
            (true, false) => good += 1,
            (true, true) => with_help += 1,
            (false, true) => stuck += 1,
            (false, false) => under_way += 1,
        }
    }
    RollbackSuccess { good, with_help, stuck, under_way, rate: Rate::new(good, good + with_help + stuck) }
}

fn change_types(deployments: &[(&History, &Placed)], confirmed: &[ConfirmedTime]) -> Vec<ChangeType> {
    let mut types = BTreeMap::new();
    for (history, exposed) in deployments {
        let before = |time: &&ConfirmedTime| time.of == history.release && time.position < exposed.position;
        let rehearsed = u64::from(confirmed.iter().find(before).is_some());
        for change in &history.blueprint.changes {
            let counts: &mut (u64, u64) = types.entry((change.class, change.level)).or_default();
            counts.0 += 1;
            counts.1 += rehearsed;
        }
    }
    let types = types.into_iter();
    types
        .map(|((class, level), (changes, rehearsed))| ChangeType { class, level, changes, rehearsed })
        .collect()
}

fn hesitation(incidents: &[(&History, Episode<'_>)], asked: &Asked) -> Hesitation {
    let measured = incidents.iter().filter_map(|(history, episode)| {
        let crossed = episode.crossed?;
        let ms = episode.decided_at().at.since(crossed.at).as_ms();
        Some(took(history, ms, [crossed.position, episode.decided.position]))
    });
    let times = Times::of(measured.collect());
    let limit_ms = asked.hesitation_limit.as_ms();
    let mut exceeded: Vec<ReleaseName> = Vec::new();
    for took in times.values.iter().filter(|took| took.ms > limit_ms) {
        if !exceeded.contains(&took.release) {
            exceeded.push(took.release.clone());
        }
    }
    let without_a_signal = incidents.len() as u64 - times.values.len() as u64;
    Hesitation { limit_ms, times, exceeded, without_a_signal }
}

fn rehearsed_against_actual(
    incidents: &[(&History, Episode<'_>)],
    confirmed: &[ConfirmedTime],
) -> Vec<RehearsedActual> {
    let compared =
        incidents.iter().filter(|(_, episode)| episode.goes_back()).filter_map(|(history, episode)| {
            let decided = episode.decided.position;
            let before = |time: &&ConfirmedTime| time.of == history.release && time.position < decided;
            let rehearsed = confirmed.iter().rfind(before)?;
            let recovered = episode.recovered()?;
            Some(RehearsedActual {
                release: history.release.clone(),
                rehearsed_ms: rehearsed.took.as_ms(),
                actual_ms: episode.since_decision(recovered).as_ms(),
                entries: vec![rehearsed.position, decided, recovered.entry],
            })
        });
    compared.collect()
}

/// A deployment fails when it is decided, after it had traffic, to pull or to contain it.
fn has_failed(history: &History) -> bool {
    history.exposed().is_some_and(|exposed| {
        episodes(&history.own).iter().any(|episode| episode.decided.position > exposed.position)
    })
}

/// From when harm seems to have begun, as the deciding verdict says, or else from the first sign, or else from the
/// decision, to the recovery that was seen; for what was only contained, to the end of the bleeding.
fn recovery(incidents: &[(&History, Episode<'_>)]) -> Times {
    let measured = incidents.iter().filter_map(|(history, episode)| {
        let exposed = history.exposed()?;
        if episode.decided.position < exposed.position {
            return None;
        }
        let end = if episode.goes_back() { episode.recovered() } else { episode.bleeding_stopped() }?;
        let decided = episode.decided_at();
        let sign =
            episode.crossed.map_or(decided, |crossed| Moment { at: crossed.at, entry: crossed.position });
        let begin = episode.harm_began().unwrap_or(sign.at).min(sign.at);
        Some(took(history, end.at.since(begin).as_ms(), [sign.entry.min(decided.entry), end.entry]))
    });
    Times::of(measured.collect())
}

fn between(deployments: &[(&History, &Placed)]) -> Times {
    let mut newest: BTreeMap<&ServiceName, &Placed> = BTreeMap::new();
    let mut ordered: Vec<&(&History, &Placed)> = deployments.iter().collect();
    ordered.sort_by_key(|(_, exposed)| exposed.position);
    let mut values = Vec::new();
    for (history, exposed) in ordered {
        if let Some(before) = newest.insert(&history.blueprint.service, exposed) {
            let ms = exposed.at.since(before.at).as_ms();
            values.push(took(history, ms, [before.position, exposed.position]));
        }
    }
    Times::of(values)
}
