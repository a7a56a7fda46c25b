//! A rollback that was executed without the server joins the record as what it was.

use ripcord_engine::{Desired, Event, PhaseName};
use ripcord_testkit::blueprints::exams;
use serde_json::{Value, json};

use crate::support::{HEALTHY, Hand, on_call};

fn absorb(hand: &mut Hand, journal: Vec<Value>, ended: Option<(String, String)>) {
    for event in hand.release.absorb_offline(&on_call(), journal, ended) {
        hand.release.apply(&event, hand.now);
        hand.events.push((hand.now, event));
    }
}

fn done(step: &str, generation: u64) -> Value {
    json!({ "event": "step-ended", "step": step, "outcome": "done", "generation": generation })
}

#[test]
fn one_that_went_all_the_way_is_over() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(2);
    absorb(&mut hand, vec![json!({ "event": "ended", "outcome": "rolled-back" })], None);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert_eq!(hand.release.in_force().unwrap().to_string(), "v1 100%");
    assert!(hand.release.clock().bleeding_stopped.is_some());
}

#[test]
fn one_that_got_stuck_goes_on_where_it_stopped_with_generations_above_its_own() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(2);
    let journal =
        vec![done("traffic", 900), json!({ "event": "ended", "outcome": "stuck", "step": "withdraw" })];
    absorb(&mut hand, journal, Some(("withdraw".to_owned(), "it hangs".to_owned())));
    assert_eq!(hand.release.phase(), PhaseName::Stuck);
    assert!(hand.release.clock().bleeding_stopped.is_some());
    hand.roll_back();
    let effect = hand.main().unwrap();
    assert!(matches!(effect.desired, Desired::Workload { .. }), "{:?}", effect.desired);
    assert!(effect.generation.0 > 900, "a router that knows 900 refuses {}", effect.generation);
    hand.perform_all();
    hand.seconds(12, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    assert!(
        hand.has(|event| matches!(event, Event::RecoveryVerified { .. })),
        "the rest is done, not assumed"
    );
}

#[test]
fn one_whose_router_refused_has_not_stopped_the_bleeding() {
    let mut hand = Hand::new(exams("exam-submit-v2"));
    hand.climb_to(2);
    let ended = json!({ "event": "ended", "outcome": "stuck", "step": "traffic", "reason": "refused" });
    absorb(&mut hand, vec![ended], Some(("traffic".to_owned(), "refused".to_owned())));
    assert_eq!(hand.release.clock().bleeding_stopped, None);
    assert_eq!(hand.release.in_force().unwrap().to_string(), "v2 50%, v1 50%");
    hand.roll_back();
    assert!(matches!(hand.main().unwrap().desired, Desired::Traffic { .. }));
}
