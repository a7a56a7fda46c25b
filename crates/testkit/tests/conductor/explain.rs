//! What was decided comes out again from the record alone, bit for bit; what was changed does not.

use ripcord_conductor::{Conductor, ConductorError, verdicts_again};
use ripcord_engine::{Agreement, Block, Event, PhaseName, Recomputed, Sample, VerdictKind};
use ripcord_model::{Duration, blueprint::Blueprint};
use ripcord_store::{BlockRecord, MemoryStore, Store};
use ripcord_testkit::blueprints::exams;

use crate::hand::Hand;

/// A release whose candidate gets worse in its second stage, and goes back by evidence; restarted on the way.
fn went_back(blueprint: Blueprint) -> Hand<MemoryStore> {
    let mut hand = Hand::new(MemoryStore::new(), blueprint);
    hand.until(PhaseName::Releasing);
    hand.seconds(15);
    hand.conductor = Conductor::open(hand.conductor.into_store()).unwrap();
    let todos = hand.conductor.resume(hand.now);
    hand.perform(todos);
    hand.seconds(15);
    hand.world.candidate_rate = 0.06;
    hand.world.harmful = true;
    hand.until(PhaseName::RolledBack);
    hand
}

fn by_evidence() -> Blueprint {
    let mut blueprint = exams("exam-submit-v2");
    blueprint.signals[0].rollback.truncate(1);
    blueprint.signals[0].hold.clear();
    blueprint.evidence.warm_up = Duration::from_secs(3);
    blueprint
}

fn again(hand: &Hand<MemoryStore>) -> Vec<Recomputed> {
    verdicts_again(hand.conductor.store(), &hand.release).unwrap()
}

#[test]
fn every_verdict_comes_out_again_bit_for_bit() {
    let hand = went_back(by_evidence());
    let verdicts = again(&hand);
    let kinds: Vec<VerdictKind> = verdicts.iter().map(|verdict| verdict.recorded.kind).collect();
    assert_eq!(kinds, [VerdictKind::Advance, VerdictKind::Rollback]);
    for verdict in &verdicts {
        assert_eq!(verdict.agreement(), Agreement::Same, "{verdict:?}");
        assert_eq!(Some(&verdict.recorded), verdict.again.as_ref(), "the words too");
    }
    let evidence = verdicts[1].recorded.evidence.as_ref().unwrap();
    let rule = &evidence.rules[0];
    assert!(evidence.log_e_peak >= evidence.threshold && evidence.alpha == 0.001);
    assert!(rule.culprit && rule.test.is_some() && rule.config.is_some());
    assert!(evidence.first_block.unwrap() > 3, "warming up is no evidence: {:?}", evidence.first_block);
    let effect = rule.effect.unwrap();
    assert!(effect.low.unwrap() <= effect.estimate && effect.estimate <= effect.high.unwrap(), "{effect:?}");
    assert!(effect.low.unwrap() > 1.0 && effect.confidence == 0.95, "{effect:?}");
}

/// The same facts, with one block said differently.
fn with_a_changed_block(hand: &Hand<MemoryStore>, seq: u64) -> MemoryStore {
    let old = hand.conductor.store();
    let mut store = MemoryStore::new();
    for stored in old.read(0, usize::MAX).unwrap() {
        let entry = ripcord_ledger::Entry::from_bytes(&stored.bytes).unwrap();
        let draft =
            ripcord_ledger::Draft { at: entry.at, by: entry.by, release: entry.release, fact: entry.fact };
        store.append(stored.position, vec![draft]).unwrap();
    }
    for record in old.read_blocks(&hand.release, 0, usize::MAX).unwrap() {
        let mut block: Block = serde_json::from_slice(&record.bytes).unwrap();
        if block.seq == seq
            && let Some(Sample::Counts(arms)) = &mut block.samples[0]
        {
            arms.control.bad += 1;
        }
        let bytes = serde_json::to_vec(&block).unwrap();
        store.append_block(&hand.release, &BlockRecord { bytes, ..record }).unwrap();
    }
    store
}

#[test]
fn a_block_that_was_changed_afterwards_shows() {
    let hand = went_back(by_evidence());
    let last = again(&hand)[1].recorded.block;
    for (seq, same) in [(0, true), (last, false), (last - 1, false), (last + 1, true)] {
        let store = with_a_changed_block(&hand, seq);
        let verdicts = verdicts_again(&store, &hand.release).unwrap();
        let agrees = verdicts.iter().all(|verdict| verdict.agreement() == Agreement::Same);
        assert_eq!(agrees, same, "block {seq} of {last}");
    }
}

#[test]
fn other_bets_than_the_recorded_ones_are_refused() {
    let hand = went_back(by_evidence());
    let old = hand.conductor.store();
    let mut store = MemoryStore::new();
    for stored in old.read(0, usize::MAX).unwrap() {
        let entry = ripcord_ledger::Entry::from_bytes(&stored.bytes).unwrap();
        let mut event: Event = serde_json::from_str(entry.fact.get()).unwrap();
        if let Event::Created { blueprint, .. } = &mut event {
            blueprint.evidence.bets[0] = 1.2;
        }
        let fact = serde_json::value::to_raw_value(&event).unwrap();
        let draft = ripcord_ledger::Draft { at: entry.at, by: entry.by, release: entry.release, fact };
        store.append(stored.position, vec![draft]).unwrap();
    }
    let error = verdicts_again(&store, &hand.release).unwrap_err();
    assert!(matches!(error, ConductorError::Unreadable { position: 0, .. }), "{error}");
    assert!(error.to_string().contains("the record has been changed"), "{error}");
    assert!(Conductor::open(store).is_err(), "nor does a release go on with them");
}

#[test]
fn a_running_release_keeps_its_parameters() {
    let mut hand = Hand::new(MemoryStore::new(), by_evidence());
    hand.until(PhaseName::Releasing);
    let changes: [fn(&mut Blueprint); 5] = [
        |blueprint| blueprint.evidence.bets[3] *= 1.01,
        |blueprint| blueprint.evidence.bet_weights[0] += 1e-3,
        |blueprint| blueprint.evidence.first_start = 0.6,
        |blueprint| blueprint.signals[0].rollback = vec!["worse than control by 25%".parse().unwrap()],
        |blueprint| blueprint.false_rollback = 0.01,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = by_evidence();
        change(&mut changed);
        let refused = hand.conductor.create(changed, crate::hand::owner(), hand.now).unwrap_err();
        assert!(matches!(refused, ConductorError::NameTaken(_)), "change {number}: {refused}");
    }
    hand.conductor.create(by_evidence(), crate::hand::owner(), hand.now).unwrap();
}
