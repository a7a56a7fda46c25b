//! Changing a parameter voids what has been seen, so evidence refuses to go on.

use ripcord_model::blueprint::EvidencePlan;

use super::*;
use crate::{
    block::{Arms, Counts, Sample},
    observations::threshold::Others,
};

fn evidence(plan: &EvidencePlan, rule: &str) -> Evidence {
    let measure = Measure::Ratio { bad: "bad".to_owned(), all: "all".to_owned() };
    Evidence::new(&rule.parse().unwrap(), &measure, plan, 7.0, &mut Tests::default())
}

fn take(evidence: &mut Evidence, seq: u64) {
    let of = |bad| Counts { n: 100, bad };
    let sample = Sample::Counts(Arms { canary: of(9), control: of(1) });
    evidence.take(&Current {
        seq,
        at: Timestamp::from_ms(0),
        sample: &sample,
        groups: None,
        requests: Arms::default(),
        value: None,
        rate: None,
        others: Others::default(),
        is_amount: false,
        window: Duration::ZERO,
        gap: Duration::ZERO,
        warming_up: false,
    });
}

#[test]
fn evidence_does_not_go_on_under_other_parameters() {
    type Change = fn(&mut EvidencePlan);
    let changes: [(Change, &str); 4] = [
        (|plan| plan.bets[2] = 1.7, "worse than control by 20%"),
        (|plan| plan.bet_weights.swap(0, 5), "worse than control by 20%"),
        (|plan| plan.first_start = 0.4, "worse than control by 20%"),
        (|_| {}, "worse than control by 21%"),
    ];
    let mut plan = EvidencePlan::default();
    plan.bet_weights[0] += 1e-3;
    plan.bet_weights[5] -= 1e-3;
    for (change, rule) in changes {
        let mut begun = evidence(&plan, "worse than control by 20%");
        take(&mut begun, 1);
        let mut changed = plan.clone();
        change(&mut changed);
        let other = evidence(&changed, rule).watched.unwrap().test;
        let (before, log_e) = (begun.clone(), begun.log_e());
        begun.watched.as_mut().unwrap().test = other;
        take(&mut begun, 2);
        assert_eq!(begun.log_e(), log_e, "{rule}");
        let silent = begun.silence(Duration::ZERO).unwrap();
        assert!(silent.contains("keep the parameters a release began with"), "{silent}");
        begun.watched.as_mut().unwrap().test = before.watched.unwrap().test;
        take(&mut begun, 2);
        assert!(begun.log_e() > log_e && begun.silence(Duration::ZERO).is_none());
    }
}
