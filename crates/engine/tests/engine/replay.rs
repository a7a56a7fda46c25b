//! Rules on recorded blocks: the same answers as in production, every rule for itself.

use ripcord_engine::{Arms, Counts, Groups, Replay, ReplayedRule, Sample};
use ripcord_model::{
    Duration,
    blueprint::{Condition, Direction, EvidencePlan, Limit, Quantity, Rule, Signal, Sustain},
};
use ripcord_testkit::blueprints::exams;

use crate::support::START;

const REQUESTS: Arms<u64> = Arms { canary: 40, control: 360 };

fn signal() -> Signal {
    exams("exam-submit-v2").signals[0].clone()
}

fn plan() -> EvidencePlan {
    EvidencePlan::over(Duration::from_mins(10), Duration::from_secs(1))
}

fn replay(signal: &Signal, plan: &EvidencePlan) -> Replay {
    Replay::new(signal, plan, 0.001, Duration::from_secs(10))
}

fn sample(bad: u64) -> Sample {
    let counts = |n, bad| Counts { n, bad };
    Sample::Counts(Arms { canary: counts(40, bad), control: counts(360, 3) })
}

fn take(replay: &mut Replay, seq: u64, bad: u64) {
    replay.take(seq, START.plus(Duration::from_secs(seq)), &sample(bad), None, REQUESTS);
}

fn rule(replay: &Replay, text: &str) -> ReplayedRule {
    replay.rules().into_iter().find(|rule| rule.rule == text).unwrap()
}

#[test]
fn evidence_fires_on_a_regression_and_not_before_it() {
    let mut replay = replay(&signal(), &plan());
    (1..=100).for_each(|seq| take(&mut replay, seq, 0));
    assert!(replay.rules().iter().all(|rule| !rule.fires));
    let fired = (101..=200).find(|seq| {
        take(&mut replay, *seq, 4);
        rule(&replay, "worse than control by 20%").fires
    });
    assert!(fired.is_some_and(|seq| seq < 120), "{fired:?}");
    let rule = rule(&replay, "worse than control by 20%");
    assert_eq!(rule.leads_to, "rollback");
    assert_eq!(rule.threshold, Some(1_000.0_f64.ln()));
    assert!(rule.since.unwrap() >= START.plus(Duration::from_secs(99)), "{:?}", rule.since);
}

#[test]
fn a_block_number_already_seen_is_ignored() {
    let mut once = replay(&signal(), &plan());
    let mut twice = replay(&signal(), &plan());
    for seq in 1..=20 {
        take(&mut once, seq, 3);
        take(&mut twice, seq, 3);
        take(&mut twice, seq, 40);
        take(&mut twice, seq.saturating_sub(1), 40);
    }
    assert_eq!(once.rules(), twice.rules());
}

#[test]
fn what_is_seen_while_warming_up_is_no_evidence_but_thresholds_count() {
    let mut warming = plan();
    warming.warm_up = Duration::from_secs(30);
    let mut replay = replay(&signal(), &warming);
    (1..=30).for_each(|seq| take(&mut replay, seq, 20));
    assert_eq!(rule(&replay, "worse than control by 20%").log_e, Some(0.0));
    assert!(rule(&replay, "above 20% for 5s").fires);
    take(&mut replay, 31, 20);
    assert!(rule(&replay, "worse than control by 20%").log_e.unwrap() > 1.0);
}

#[test]
fn a_multiple_of_the_baseline_says_nothing_without_and_compares_with_the_first() {
    let mut signal = signal();
    let condition = Condition {
        direction: Direction::Above,
        limit: Limit::TimesBaseline(2.0),
        sustain: Sustain::For(Duration::from_secs(5)),
    };
    signal.rollback = vec![Rule::Threshold(condition)];
    signal.hold = vec![Rule::Threshold(Condition {
        direction: Direction::Above,
        limit: Limit::Absolute(Quantity::Percent(90.0)),
        sustain: Sustain::For(Duration::from_secs(5)),
    })];
    let mut replay = replay(&signal, &plan());
    (1..=20).for_each(|seq| take(&mut replay, seq, 40));
    assert!(!replay.rules()[0].violated && replay.rules()[1].fires);
    replay.baseline(None);
    replay.baseline(Some(f64::NAN));
    replay.baseline(Some(0.02));
    replay.baseline(Some(0.9));
    (21..=40).for_each(|seq| take(&mut replay, seq, 1));
    assert!(!replay.rules()[0].violated, "2.5 % is not above twice 2 %");
    (41..=60).for_each(|seq| take(&mut replay, seq, 2));
    assert!(replay.rules()[0].fires, "5 % is above twice 2 %");
}

#[test]
fn a_rule_whose_control_differs_by_itself_does_not_fire() {
    let halves = |bad: [u64; 2]| Groups::Counts(bad.map(|bad| Counts { n: 1_800, bad }).to_vec());
    let counts = |n, bad| Counts { n, bad };
    let fired = |groups: Groups, bad: u64| {
        let mut replay = replay(&signal(), &plan());
        for seq in 1..=300 {
            let at = START.plus(Duration::from_secs(seq));
            // Worse only once there was time to see whether the control can be trusted.
            let bad = if seq < 150 { 11 } else { bad };
            let sample = Sample::Counts(Arms { canary: counts(400, bad), control: counts(3_600, 100) });
            replay.take(seq, at, &sample, Some(&groups), REQUESTS);
        }
        rule(&replay, "worse than control by 20%")
    };
    let alike = fired(halves([50, 50]), 36);
    assert!(alike.fires && !alike.distrusted, "{alike:?}");
    let unlike = fired(halves([80, 20]), 36);
    assert!(!unlike.fires && unlike.distrusted && unlike.violated, "{unlike:?}");
}
