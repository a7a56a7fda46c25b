//! Whole plans: what is seen, what is said about what is not, and what is warned of.

use ripcord_model::blueprint::{AdvanceOn, Rule};
use ripcord_power::{Bad, InvalidLoad, LeadsTo, Load, Safety, Sight, Warning, WhyUnknown, no_guard, power};

use crate::support::{blueprint, errors, load, seen, sight};

const RULE: &str = "worse than control by 20%";

fn delay(sight: &Sight) -> &ripcord_power::Delay {
    match sight {
        Sight::Simulated(delay) => delay,
        other => panic!("{other:?} was not simulated"),
    }
}

#[test]
fn larger_regressions_and_larger_shares_are_seen_sooner_and_every_number_follows_from_the_time() {
    let plan = blueprint(&errors(RULE), "standard");
    let power = seen(&plan, &load(400.0, &[("errors", 0.009)]));
    let rule = &power.rules[0];
    assert_eq!((rule.leads_to, rule.bad, rule.stages.len()), (LeadsTo::Rollback, Bad::Events, 4));
    assert!((rule.log_bar - 1_000_f64.ln()).abs() < 1e-9, "one rule alone needs 1 / alpha");
    for stage in 1..=3 {
        let means: Vec<f64> = [1.5, 2.0, 5.0, 10.0]
            .iter()
            .map(|times| delay(sight(rule, stage, *times)).mean_seconds.unwrap())
            .collect();
        assert!(means.windows(2).all(|pair| pair[0] > pair[1]), "stage {stage}: {means:?}");
        assert!(means[3] >= 5.0, "nothing is noticed before the first block of 5 s is over");
    }
    let (first, second) = (delay(sight(rule, 1, 2.0)), delay(sight(rule, 2, 2.0)));
    assert!(first.mean_seconds > second.mean_seconds && first.p95_seconds > first.mean_seconds);
    assert!(first.within_dwell > 0.5 && first.within_dwell < 0.95, "{first:?}");
    assert!(second.within_dwell > 0.99, "{second:?}");
    let seconds = first.mean_seconds.unwrap();
    assert!((first.requests.unwrap() / (seconds * 4.0) - 1.0).abs() < 0.001, "1 % of 400/s: {first:?}");
    assert!((first.bad.unwrap() / (seconds * 4.0 * 0.018) - 1.0).abs() < 0.001, "{first:?}");
    assert!((first.caused.unwrap() / (seconds * 4.0 * 0.009) - 1.0).abs() < 0.002, "{first:?}");
    for times in [1.5, 10.0] {
        assert_eq!(sight(rule, 4, times), &Sight::NoControl, "at 100 % there is nothing to compare with");
    }
}

#[test]
fn the_same_input_gives_the_same_answer() {
    let plan = blueprint(&errors(RULE), "small");
    let load = load(50.0, &[("errors", 0.02)]);
    assert_eq!(seen(&plan, &load), seen(&plan, &load));
}

#[test]
fn what_cannot_be_seen_has_a_word_and_no_number() {
    let signals = format!(
        "{}\n{}",
        errors("worse than control by 60%"),
        "  rare: { harm: user, ratio: { bad: b, all: a }, rollback: \"over 60%\" }"
    );
    let plan = blueprint(&signals, "small");
    let power = seen(&plan, &load(0.01, &[("errors", 0.001), ("rare", 0.3)]));
    let (errors, rare) = (&power.rules[0], &power.rules[1]);
    assert_eq!(sight(errors, 1, 1.5), &Sight::Tolerated, "50 % more is within a margin of 60 %");
    assert!(
        matches!(sight(errors, 1, 2.0), Sight::OutOfReach { floor_seconds } if *floor_seconds > 90.0 * 86_400.0)
    );
    assert_eq!(sight(rare, 1, 1.5), &Sight::Tolerated, "45 % is below 60 %");
    assert_eq!(sight(rare, 1, 5.0), &Sight::Impossible, "five times 30 % is more than everything");
    assert!(!matches!(sight(rare, 4, 2.0), Sight::NoControl), "a limit needs no control");
}

#[test]
fn what_is_not_known_is_named_with_its_reason() {
    let signals = [
        errors("worse than control by 20%"),
        "  cpu: { harm: system, gauge: g, rollback: \"worse than control by 20%\" }".to_owned(),
        "  crashes: { harm: user, count: c, rollback: \"worse than control by 20%\" }".to_owned(),
        "  over: { harm: user, ratio: { bad: b, all: a }, rollback: \"over 1%\" }".to_owned(),
        "  slow: { harm: user, quantile: { histogram: h, q: 0.9 }, rollback: \"worse than control by 10%\" }"
            .to_owned(),
        "  plain: { harm: user, ratio: { bad: b, all: a }, rollback: \"above 5% for 5m\" }".to_owned(),
    ];
    let plan = blueprint(&signals.join("\n"), "small");
    let power = seen(&plan, &load(100.0, &[("crashes", 0.0), ("over", 0.02)]));
    let unknown: Vec<_> =
        power.unknown.iter().map(|unknown| (unknown.signal.as_str(), unknown.why)).collect();
    assert_eq!(
        unknown,
        [
            ("errors", WhyUnknown::NoBase),
            ("cpu", WhyUnknown::Gauge),
            ("crashes", WhyUnknown::NothingBad),
            ("over", WhyUnknown::AlreadyOver),
        ]
    );
    let slow = &power.rules[0];
    assert_eq!((power.rules.len(), slow.signal.as_str(), slow.bad), (1, "slow", Bad::SlowAnswers));
    assert!((slow.base_rate - 0.1).abs() < 1e-12, "beyond the edge of p90 lies a tenth");
    assert!(slow.stages.iter().all(|stage| stage.safety == Safety::NotSaid), "it depends on the tail");
    assert!((slow.log_bar - (4.0 * 5.0 * 1_000.0_f64).ln()).abs() < 1e-9, "five rules, four edges");
    assert!(matches!(&power.warnings[0], Warning::AlreadyOver { signal, .. } if signal.as_str() == "over"));
}

#[test]
fn a_stage_that_is_too_short_is_named_with_the_time_it_would_take() {
    let plan = blueprint(&errors(RULE), "standard");
    let power = seen(&plan, &load(100.0, &[("errors", 0.009)]));
    let Warning::CannotSee { stage, chance, mean_seconds, p95_seconds, sees_from, times, .. } =
        &power.warnings[0]
    else {
        panic!("{:?}", power.warnings);
    };
    assert_eq!((*stage, *times), (1, 2.0));
    assert!(*chance < 0.2 && mean_seconds.unwrap() > 1_800.0 && *p95_seconds > *mean_seconds);
    assert_eq!(*sees_from, Some(5.0));
    let stages: Vec<_> =
        power.warnings.iter().filter(|warning| matches!(warning, Warning::CannotSee { .. })).collect();
    assert_eq!(stages.len(), 1, "10 % for 2 h sees it");
    assert!(power.warnings.iter().any(|warning| matches!(warning,
        Warning::LittleTraffic { stage: 1, candidate_per_second, .. } if (*candidate_per_second - 1.0).abs() < 1e-9)));
}

#[test]
fn requests_that_take_longer_than_their_stage_are_named() {
    let plan = blueprint(&errors(RULE), "standard");
    let power = seen(&plan, &load(5.0, &[("errors", 0.05)]));
    let longer = power.warnings.iter().find_map(|warning| match warning {
        Warning::RequestsTakeLonger { stage, min_requests, seconds, .. } => {
            Some((*stage, *min_requests, *seconds))
        }
        _ => None,
    });
    assert_eq!(longer, Some((1, 500, 10_000.0)), "500 requests at 1 % of 5/s");
}

#[test]
fn safety_is_said_for_every_stage_and_warned_of_when_a_stage_waits_for_it() {
    let mut plan = blueprint(&errors(RULE), "standard");
    let load = load(400.0, &[("errors", 0.009)]);
    let chances = |power: &ripcord_power::Power| -> Vec<f64> {
        power.rules[0]
            .stages
            .iter()
            .map(|stage| match stage.safety {
                Safety::Simulated { by_end, .. } => by_end,
                Safety::NoMargin | Safety::NotSaid => panic!("it has a margin"),
            })
            .collect()
    };
    let power = seen(&plan, &load);
    let by_stage = chances(&power);
    assert!(by_stage[0] < 0.3 && by_stage[1] > 0.9, "{by_stage:?}");
    assert!(by_stage[3] >= by_stage[2] - 1e-9, "100 % adds nothing and takes nothing away: {by_stage:?}");
    let waits = |power: &ripcord_power::Power| {
        power.warnings.iter().filter(|warning| matches!(warning, Warning::CannotAdvance { .. })).count()
    };
    assert_eq!(waits(&power), 0, "nothing waits for it");
    plan.evidence.advance_on = AdvanceOn::Evidence;
    assert_eq!(waits(&seen(&plan, &load)), 1, "only the first stage waits in vain");
    plan.signals[0].rollback = vec![Rule::WorseThanControl { margin: 0.0 }];
    let power = seen(&plan, &load);
    assert_eq!(power.rules[0].stages[2].safety, Safety::NoMargin);
    assert_eq!(waits(&power), 3, "without a margin nothing is ever shown to be safe");
}

#[test]
fn one_instance_per_version_has_no_guard() {
    let mut plan = blueprint(&errors(RULE), "small");
    assert_eq!(no_guard(&plan, None), None, "two are planned");
    assert_eq!(
        no_guard(&plan, Some(1)),
        Some(Warning::NoGuard),
        "what runs counts more than what is planned"
    );
    plan.signals[0].rollback.clear();
    assert_eq!(no_guard(&plan, Some(1)), None, "nothing is compared");
}

#[test]
fn warming_up_delays_what_is_seen_in_the_first_stage_only() {
    let mut plan = blueprint(&errors(RULE), "standard");
    let load = load(1_000.0, &[("errors", 0.02)]);
    let mean = |plan: &_, stage| delay(sight(&seen(plan, &load).rules[0], stage, 5.0)).mean_seconds.unwrap();
    let (cold, second) = (mean(&plan, 1), mean(&plan, 2));
    plan.evidence.warm_up = ripcord_model::Duration::from_secs(60);
    assert!((mean(&plan, 1) - cold - 60.0).abs() < 1.0, "{} {cold}", mean(&plan, 1));
    assert!((mean(&plan, 2) - second).abs() < 5.0, "{} {second}", mean(&plan, 2));
}

#[test]
fn a_load_that_is_none_is_refused() {
    let plan = blueprint(&errors(RULE), "small");
    for requests in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e12] {
        assert!(matches!(power(&plan, &load(requests, &[])), Err(InvalidLoad::Traffic(_))), "{requests}");
    }
    for rate in [-0.1, f64::NAN, f64::INFINITY] {
        let error = power(&plan, &load(10.0, &[("errors", rate)])).unwrap_err();
        assert!(error.to_string().contains("base of errors"), "{error}");
    }
    assert!(power(&plan, &Load { requests_per_second: 1.0, ..Load::default() }).unwrap().rules.is_empty());
}

#[test]
fn rates_that_differ_by_a_hair_and_enormous_traffic_stay_numbers() {
    let plan = blueprint(
        &errors("worse than control by 49.9%"),
        "[{ share: 0.01%, for: 1m }, { share: 99%, for: 1s }, { share: 100%, for: 1s }]",
    );
    for (requests, rate) in [(1e9, 0.000_001), (0.001, 0.5), (1e9, 0.099), (3.0, 0.66)] {
        let power = seen(&plan, &load(requests, &[("errors", rate)]));
        let json = serde_json::to_string(&power).unwrap();
        assert!(!json.contains("NaN") && !json.contains("inf"), "{json}");
    }
}
