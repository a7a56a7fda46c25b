//! Evidence: which test a rule is, several rules together, who is to blame, and whom to trust.

use ripcord_engine::{
    Arms, Counts, EffectOf, Event, Exposed, Groups, HoldCause, PhaseName, Sample, VerdictKind,
};
use ripcord_model::{
    Duration, SignalName,
    blueprint::{Blueprint, Measure, Signal},
};
use ripcord_testkit::blueprints::exams;

use crate::support::{Hand, owner, why};

const WORSE: &str = "worse than control by 20%";

/// Long stages, so that nothing ends while it is looked at; the signals are bare.
pub fn quiet() -> Blueprint {
    let mut blueprint = exams("exam-submit-v2");
    for signal in &mut blueprint.signals {
        signal.rollback.clear();
        signal.hold.clear();
    }
    blueprint.stages[0].dwell = Duration::from_mins(60);
    blueprint
}

/// The first signal measures `measure` and leads back by `rules`; the other says nothing but that it is there.
pub fn led_by(measure: Measure, rules: &[&str]) -> Blueprint {
    let mut blueprint = quiet();
    blueprint.signals[0].measure = measure;
    blueprint.signals[0].rollback = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    blueprint
}

pub fn ratio() -> Measure {
    Measure::Ratio { bad: "bad".to_owned(), all: "all".to_owned() }
}

fn success() -> Measure {
    Measure::Success { good: "good".to_owned(), all: "all".to_owned() }
}

fn crashes(per: Option<&str>) -> Measure {
    Measure::Count { counter: "crashes".to_owned(), per: per.map(str::to_owned) }
}

pub fn counts(canary: (u64, u64), control: (u64, u64)) -> Option<Sample> {
    let of = |(n, bad)| Counts { n, bad };
    Some(Sample::Counts(Arms { canary: of(canary), control: of(control) }))
}

pub fn baking(blueprint: Blueprint) -> Hand {
    let mut hand = Hand::new(blueprint);
    hand.climb_to(0);
    hand
}

/// After how many seconds of this it goes back.
fn goes_back(hand: &mut Hand, limit: u64, sample: &Option<Sample>) -> Option<u64> {
    (1..=limit).find(|_| {
        hand.block(|block| block.samples[0].clone_from(sample));
        hand.release.phase() != PhaseName::Releasing
    })
}

#[test]
fn fewer_good_answers_are_worse_however_rare_they_are() {
    // 3 % of the visits end in an order on last good; on the candidate 1.5 %.
    let fewer = counts((400, 394), (3_600, 3_492));
    let mut hand = baking(led_by(success(), &[WORSE]));
    assert!(goes_back(&mut hand, 400, &fewer).is_some(), "{:?}", hand.rule("submit-errors", WORSE));
    let verdict = hand.verdict().unwrap();
    assert!(verdict.reason.contains("v2 1.5 % against v1 3.0 %"), "{}", verdict.reason);
    let rule = &verdict.evidence.unwrap().rules[0];
    let effect = rule.effect.unwrap();
    assert!((effect.estimate - 0.5).abs() < 0.01 && effect.of == EffectOf::Ratio, "{effect:?}");
    assert!(effect.low.unwrap() < 0.5 && effect.high.unwrap() < 1.0, "{effect:?}");
    assert_eq!(
        rule.canary.unwrap().count * 2.0,
        rule.canary.unwrap().of * rule.control.unwrap().count / rule.control.unwrap().of
    );
    // More of them, or a tolerated loss, are no harm.
    for harmless in [counts((400, 380), (3_600, 3_492)), counts((400, 390), (3_600, 3_492))] {
        assert_eq!(goes_back(&mut baking(led_by(success(), &[WORSE])), 400, &harmless), None);
    }
}

#[test]
fn a_success_ratio_is_held_against_its_baseline_on_its_rarer_side() {
    for (baseline, bad, harmless) in [(0.97, 90, 20), (0.03, 985, 972)] {
        let sample = |bad| counts((1_000, bad), (0, 0));
        let mut hand = baking(led_by(success(), &["worse than baseline by 5%"]));
        assert_eq!(goes_back(&mut hand, 5, &sample(bad)), None, "nobody knows the baseline");
        let silent = hand.rule("submit-errors", "worse than baseline by 5%").detail.unwrap().silent.unwrap();
        assert!(silent.contains("not known yet") && hand.release.wants_baseline(), "{silent}");
        hand.block(|block| block.baseline = vec![Some(baseline), None]);
        assert!(!hand.release.wants_baseline());
        assert_eq!(goes_back(&mut hand, 200, &sample(harmless)), None, "{baseline}");
        assert!(goes_back(&mut hand, 200, &sample(bad)).is_some(), "{baseline}");
        let effect = hand.verdict().unwrap().evidence.unwrap().rules[0].effect.unwrap();
        let good = 1.0 - bad as f64 / 1_000.0;
        assert!(
            effect.of == EffectOf::Rate
                && effect.estimate < 1.0 - harmless as f64 / 1_000.0
                && effect.estimate > good,
            "{effect:?}"
        );
    }
}

#[test]
fn over_is_a_limit_of_its_own_whatever_last_good_does() {
    let worse_together = counts((400, 12), (3_600, 108));
    let mut hand = baking(led_by(ratio(), &["over 1%"]));
    assert!(goes_back(&mut hand, 60, &worse_together).is_some());
    let reason = hand.verdict().unwrap().reason;
    assert!(reason.contains("v2 3.0 % against a limit of 1.0 %"), "{reason}");
    assert_eq!(goes_back(&mut baking(led_by(ratio(), &["over 5%"])), 200, &worse_together), None);
    assert_eq!(goes_back(&mut baking(led_by(ratio(), &[WORSE])), 200, &worse_together), None);
}

#[test]
fn counts_are_weighed_per_exposure_and_per_request_where_there_is_none() {
    let per_sessions = |canary, control| {
        let of = |events, exposure| Exposed { exposure, events };
        Some(Sample::Exposed(Arms { canary: of(canary, 12.5), control: of(control, 125.0) }))
    };
    let sessions = || crashes(Some("sessions"));
    let mut hand = baking(led_by(sessions(), &[WORSE]));
    assert!(goes_back(&mut hand, 200, &per_sessions(3.0, 10.0)).is_some());
    let reason = hand.verdict().unwrap().reason;
    assert!(reason.contains("v2 240 per 1,000 against v1 80.000 per 1,000"), "{reason}");
    assert_eq!(goes_back(&mut baking(led_by(sessions(), &[WORSE])), 200, &per_sessions(1.0, 10.0)), None);
    // 40 requests against 360: a crash each is nine times as many per request.
    let each = Some(Sample::Events(Arms { canary: 1.0, control: 1.0 }));
    assert!(goes_back(&mut baking(led_by(crashes(None), &[WORSE])), 60, &each).is_some());
    let mut hand = baking(led_by(crashes(None), &["worse than baseline by 20%"]));
    hand.block(|block| block.baseline = vec![Some(0.01), None]);
    assert!(goes_back(&mut hand, 90, &each).is_some(), "2.5 % per request against 1 %");
}

#[test]
fn a_baseline_of_nothing_and_one_that_is_no_number_say_so() {
    let rule = "worse than baseline by 20%";
    let mut hand = baking(led_by(ratio(), &[rule]));
    hand.block(|block| block.baseline = vec![Some(f64::NAN), None]);
    assert!(hand.release.wants_baseline(), "a baseline that is no number has not come");
    hand.block(|block| block.baseline = vec![Some(0.0), None]);
    assert_eq!(goes_back(&mut hand, 60, &counts((400, 40), (3_600, 36))), None);
    let silent = hand.rule("submit-errors", rule).detail.unwrap().silent.unwrap();
    assert!(silent.contains("was 0 before the release"), "{silent}");
}

/// A second signal like the first.
fn two_signals(rule: &str) -> Blueprint {
    let mut blueprint = led_by(ratio(), &[rule]);
    let second = Signal { name: SignalName::new("page-errors").unwrap(), ..blueprint.signals[0].clone() };
    blueprint.signals.insert(1, second);
    blueprint
}

#[test]
fn signals_are_weighed_together_and_the_culprit_is_named() {
    let mut hand = baking(two_signals(WORSE));
    let (worse, fine) = (counts((400, 12), (3_600, 36)), counts((400, 4), (3_600, 36)));
    for _ in 0..60 {
        hand.block(|block| block.samples = vec![fine.clone(), worse.clone(), None]);
    }
    let verdict = hand.verdict().unwrap();
    assert_eq!(verdict.signal.unwrap().as_str(), "page-errors");
    let evidence = verdict.evidence.unwrap();
    let (first, second) = (&evidence.rules[0], &evidence.rules[1]);
    assert!(second.culprit && !first.culprit && first.weight == 0.5);
    let mean = (0.5 * first.log_e.exp() + 0.5 * second.log_e.exp()).ln();
    assert!((evidence.log_e - mean).abs() < 1e-9 && evidence.log_e >= 1_000.0_f64.ln());
    assert_eq!(verdict.threshold, Some(1_000.0_f64.ln()));
}

#[test]
fn two_that_are_worse_fire_before_either_would_alone() {
    let worse = counts((400, 8), (3_600, 36));
    let both = {
        let mut hand = baking(two_signals(WORSE));
        (1..=200).find(|_| {
            hand.block(|block| block.samples = vec![worse.clone(), worse.clone(), None]);
            hand.release.phase() != PhaseName::Releasing
        })
    };
    let one = {
        let mut hand = baking(two_signals(WORSE));
        (1..=200).find(|_| {
            hand.block(|block| block.samples = vec![worse.clone(), counts((400, 4), (3_600, 36)), None]);
            hand.release.phase() != PhaseName::Releasing
        })
    };
    assert!(both.unwrap() < one.unwrap(), "{both:?} {one:?}");
}

/// What four groups of last good's instances say: together what `control` says, unlike each other by `offset`.
fn groups(each: u64, offset: u64) -> Option<Groups> {
    let of = |bad| Counts { n: 900, bad };
    Some(Groups::Counts(vec![of(each + offset), of(each), of(each), of(each - offset)]))
}

#[test]
fn a_signal_whose_control_differs_by_itself_holds_and_a_person_goes_on() {
    let worse = counts((400, 30), (3_600, 160));
    let mut hand = baking(led_by(ratio(), &[WORSE]));
    for _ in 0..200 {
        hand.block(|block| {
            block.samples[0].clone_from(&worse);
            block.groups = vec![groups(40, 30), None];
        });
    }
    assert_eq!(hand.release.phase(), PhaseName::Releasing, "{:?}", hand.verdict());
    let rule = hand.rule("submit-errors", WORSE);
    let detail = rule.detail.unwrap();
    assert!(detail.distrusted && detail.guard_log_e >= detail.guard_threshold, "{detail:?}");
    assert!(rule.log_e >= rule.threshold, "it would have been enough: {:?} {:?}", rule.log_e, rule.threshold);
    assert_eq!(hand.release.status(hand.now).evidence[0].log_e, None, "and counts for nothing");
    let held = |event: &Event| matches!(event, Event::Held { cause: HoldCause::Distrusted { .. } });
    assert_eq!(hand.count(held), 1, "{}", hand.waiting());
    assert!(hand.waiting().contains("last good's own instances differ"), "{}", hand.waiting());
    hand.command(owner(), ripcord_engine::Command::Promote { why: why() }).unwrap();
    let went_on = |event: &Event| matches!(event, Event::Promoted { without, .. } if without.len() == 1);
    assert!(hand.has(went_on));
    assert!(!hand.waiting().contains("differ"), "{}", hand.waiting());
    hand.block(|block| block.samples[0].clone_from(&worse));
    assert_eq!(hand.count(held), 1, "a person has judged it");
}

#[test]
fn instances_that_are_alike_change_nothing() {
    let worse = counts((400, 30), (3_600, 160));
    let mut hand = baking(led_by(ratio(), &[WORSE]));
    for _ in 0..60 {
        hand.block(|block| {
            block.samples[0].clone_from(&worse);
            block.groups = vec![groups(40, 0), None];
        });
    }
    let rule = &hand.verdict().unwrap().evidence.unwrap().rules[0];
    assert!(!rule.distrusted && rule.guard_log_e.is_some() && rule.dispersion.is_some(), "{rule:?}");
}

#[test]
fn containment_has_a_bar_of_its_own() {
    let mut blueprint = led_by(ratio(), &[]);
    blueprint.signals[0].contain = vec![WORSE.parse().unwrap()];
    blueprint.evidence.contain = 0.05;
    let mut hand = baking(blueprint);
    let after = goes_back(&mut hand, 60, &counts((400, 12), (3_600, 36))).unwrap();
    let verdict = hand.verdict().unwrap();
    assert_eq!((verdict.kind, verdict.threshold), (VerdictKind::Contain, Some(-(0.05_f64.ln()))));
    let mut back = baking(led_by(ratio(), &[WORSE]));
    let later = goes_back(&mut back, 60, &counts((400, 12), (3_600, 36))).unwrap();
    assert!(after < later, "{after} {later}");
}

#[test]
fn leaving_containment_begins_evidence_anew_and_keeps_the_baseline() {
    let rules = [WORSE, "worse than baseline by 20%"];
    let mut hand = baking(led_by(ratio(), &rules));
    hand.block(|block| block.baseline = vec![Some(0.01), None]);
    assert_eq!(goes_back(&mut hand, 3, &counts((400, 8), (3_600, 36))), None);
    let shown = |hand: &Hand| rules.map(|rule| hand.rule("submit-errors", rule));
    assert!(shown(&hand).iter().all(|rule| rule.log_e != Some(0.0)), "{:?}", shown(&hand));
    hand.command(owner(), ripcord_engine::Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    hand.command(owner(), ripcord_engine::Command::Promote { why: why() }).unwrap();
    hand.perform_all();
    assert!(shown(&hand).iter().all(|rule| rule.log_e == Some(0.0)), "{:?}", shown(&hand));
    assert!(!hand.release.wants_baseline());
    hand.block(|block| block.baseline = vec![Some(0.9), None]);
    assert_eq!(hand.signal("submit-errors").baseline, Some(0.01), "the first one stands");
}

#[test]
fn a_threshold_against_an_unknown_baseline_says_why_it_is_silent() {
    let rule = "above 2x baseline for 3m";
    let mut hand = baking(led_by(ratio(), &[rule]));
    let silent = hand.rule("submit-errors", rule).detail.unwrap().silent.unwrap();
    assert!(silent.contains("not known yet"), "{silent}");
    hand.block(|block| block.baseline = vec![Some(0.01), None]);
    assert_eq!(hand.rule("submit-errors", rule).detail, None);
}

#[test]
fn what_a_freshly_started_version_does_is_no_evidence() {
    let mut blueprint = led_by(ratio(), &[WORSE]);
    blueprint.evidence.warm_up = Duration::from_secs(30);
    let mut hand = baking(blueprint);
    let cold = counts((400, 100), (3_600, 36));
    assert_eq!(goes_back(&mut hand, 28, &cold), None);
    let detail = hand.rule("submit-errors", WORSE).detail.unwrap();
    assert!(detail.silent.unwrap().contains("just been started") && detail.warm_up_left_ms > 0);
    let fine = counts((400, 4), (3_600, 36));
    assert_eq!(goes_back(&mut hand, 30, &fine), None, "it is warm now, and good");
    // Its instances die for a moment and come back cold.
    hand.block(|block| block.candidate = ripcord_engine::Liveness::Dead);
    assert_eq!(goes_back(&mut hand, 29, &cold), None);
    assert!(goes_back(&mut hand, 30, &cold).is_some(), "cold for ever is broken");
}
