//! Stages that harm fewer users.

use ripcord_model::{
    Duration, Share,
    blueprint::{Blueprint, Stage},
};
use ripcord_power::Power;

use crate::support::{blueprint, errors, load, seen};

const RULE: &str = "worse than control by 20%";

fn before_all(stages: &[(Share, Duration)]) -> u64 {
    stages[..stages.len() - 1].iter().map(|(_, dwell)| dwell.as_ms()).sum()
}

/// Checks what every proposal promises and gives back whether there was one.
fn holds(plan: &Blueprint, power: &Power) -> bool {
    let Some(proposal) = &power.proposal else { return false };
    let own: Vec<_> = plan.stages.iter().map(|stage| (stage.share, stage.dwell)).collect();
    let stages: Vec<_> = proposal.stages.iter().map(|stage| (stage.share, stage.dwell)).collect();
    assert_eq!(before_all(&stages), before_all(&own), "the same time to the millisecond");
    assert_eq!(stages.last(), own.last(), "the validation stays as it is");
    assert!(stages.len() >= 3, "at least two stages before everything");
    assert!(stages.windows(2).all(|pair| pair[0].0 < pair[1].0), "{stages:?}");
    assert!(stages[stages.len() - 2].0 >= Share::percent(10), "never a jump to everything: {stages:?}");
    assert!(stages.iter().all(|(_, dwell)| *dwell > Duration::ZERO));
    assert!(proposal.harm <= 0.91 * proposal.harm_now, "{} of {}", proposal.harm, proposal.harm_now);
    assert_eq!(power.harm, Some(proposal.harm_now));
    true
}

#[test]
fn proposals_take_the_same_time_and_harm_less_by_the_same_measure() {
    let (mut proposed, mut checked) = (0, false);
    for stages in [
        "standard",
        "small",
        "[{ share: 50%, for: 10m }, { share: 90%, for: 47m }, { share: 100%, for: 1h }]",
    ] {
        let plan = blueprint(&errors(RULE), stages);
        for (requests, rate) in [(20.0, 0.009), (100.0, 0.009), (1_000.0, 0.001)] {
            let power = seen(&plan, &load(requests, &[("errors", rate)]));
            proposed += usize::from(holds(&plan, &power));
            let Some(proposal) = &power.proposal else { continue };
            // Taken over into the plan, the harm it promised is the harm that is measured.
            let mut taken = plan.clone();
            taken.stages = proposal
                .stages
                .iter()
                .map(|stage| Stage {
                    share: stage.share,
                    dwell: stage.dwell,
                    min_requests: stage.min_requests,
                })
                .collect();
            if checked {
                continue;
            }
            checked = true;
            let again = seen(&taken, &load(requests, &[("errors", rate)]));
            assert_eq!(again.harm, Some(proposal.harm), "{stages} {requests} {rate}");
        }
    }
    assert!(proposed >= 3, "only {proposed} of 6 plans could be improved");
}

#[test]
fn nothing_is_proposed_when_nothing_can_be_seen_or_ends_harm() {
    let plan = blueprint(&errors(RULE), "small");
    let blind = seen(&plan, &load(0.1, &[("errors", 0.001)]));
    assert_eq!(blind.proposal, None, "whatever the stages, nothing is noticed");
    assert!(blind.harm.is_some());
    let mut holding = plan;
    holding.signals[0].hold = std::mem::take(&mut holding.signals[0].rollback);
    let power = seen(&holding, &load(1_000.0, &[("errors", 0.01)]));
    assert_eq!((power.harm, power.proposal), (None, None), "a hold does not end harm");
}

#[test]
fn a_proposal_asks_for_no_more_requests_than_its_stages_will_see() {
    let plan = blueprint(&errors(RULE), "standard");
    let power = seen(&plan, &load(20.0, &[("errors", 0.02)]));
    let proposal = power.proposal.expect("20/s in the standard stages can be improved");
    for stage in &proposal.stages {
        let expected = 20.0 * stage.share.fraction() * stage.dwell.as_secs_f64();
        assert!(stage.min_requests as f64 <= expected / 2.0, "{stage:?}");
    }
}
