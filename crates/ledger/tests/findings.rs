//! What the verifier finds, and which entry it names.

use proptest::prelude::*;
use ripcord_ledger::{
    Checkpoint, Draft, Entry, PublicKey, Signer, Tree,
    verify::{Claim, Finding, Row, Verified, verify},
};
use ripcord_model::{Actor, ReleaseName, Timestamp};

const SEED: [u8; 32] = [42; 32];

/// A ledger of `count` entries with a checkpoint after each.
fn ledger(count: u64) -> (Vec<Row>, Vec<Claim>) {
    let mut tree = Tree::new();
    let (mut rows, mut claims) = (Vec::new(), Vec::new());
    for position in 0..count {
        let bytes = entry(position).to_bytes();
        rows.push(Row { position, leaf_hash: tree.push(&bytes).to_vec(), bytes, remarks: Vec::new() });
        claims.push(claim(Signer::from_seed(SEED).checkpoint(tree.size(), tree.root())));
    }
    (rows, claims)
}

fn entry(position: u64) -> Entry {
    let fact =
        serde_json::value::to_raw_value(&serde_json::json!({"kind": "promoted", "why": position})).unwrap();
    let draft = Draft {
        at: Timestamp::from_ms(1_790_000_000_000 + position as i64),
        by: Actor::ripcord(),
        release: Some(ReleaseName::new("exam-submit-v2").unwrap()),
        fact,
    };
    Entry::at_position(draft, position)
}

fn claim(checkpoint: Checkpoint) -> Claim {
    Claim { size: checkpoint.size, root: checkpoint.root.to_vec(), signature: checkpoint.signature }
}

fn key() -> PublicKey {
    Signer::from_seed(SEED).public_key()
}

fn check(rows: Vec<Row>, claims: Vec<Claim>) -> Result<Verified, Vec<Finding>> {
    verify(rows, claims, &key()).map_err(|findings| findings.listed)
}

/// The one finding there must be.
fn only(rows: Vec<Row>, claims: Vec<Claim>) -> Finding {
    let mut findings = check(rows, claims).expect_err("something is wrong");
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

#[test]
fn an_untouched_ledger_has_no_findings() {
    for count in 0..20 {
        let (rows, claims) = ledger(count);
        let verified = check(rows, claims).unwrap();
        assert_eq!((verified.entries, verified.checkpoints), (count, count));
    }
}

#[test]
fn a_checkpoint_may_cover_several_entries_at_once() {
    let (rows, mut claims) = ledger(20);
    claims.retain(|claim| [3, 4, 11, 20].contains(&claim.size));
    assert_eq!(check(rows, claims).unwrap().entries, 20);
}

#[test]
fn a_changed_entry_is_named_alone_also_when_others_follow() {
    let (mut rows, claims) = ledger(20);
    rows[7].bytes[3] ^= 1;
    assert!(matches!(only(rows, claims), Finding::EntryChanged { position: 7, .. }));
}

#[test]
fn several_changed_entries_are_all_named() {
    let (mut rows, claims) = ledger(20);
    for position in [2, 9, 19] {
        rows[position].bytes[20] ^= 0x10;
    }
    let findings = check(rows, claims).unwrap_err();
    let named: Vec<u64> = findings.iter().map(|finding| *finding.positions().unwrap().start()).collect();
    assert_eq!(named, [2, 9, 19]);
}

#[test]
fn an_entry_changed_together_with_its_hash_is_named_by_the_checkpoints_around_it() {
    let (mut rows, claims) = ledger(20);
    rows[7].bytes = entry(7).to_bytes().iter().map(|byte| if *byte == b'7' { b'8' } else { *byte }).collect();
    rows[7].leaf_hash = ripcord_ledger::leaf_hash(&rows[7].bytes).to_vec();
    let findings = check(rows, claims).unwrap_err();
    assert!(findings.contains(&Finding::RootDiffers { size: 8, first: 7, last: 7 }), "{findings:?}");
}

#[test]
fn a_missing_entry_is_named() {
    let (mut rows, claims) = ledger(20);
    rows.drain(7..9);
    assert_eq!(only(rows, claims), Finding::EntriesMissing { first: 7, last: 8 });
    let (mut rows, claims) = ledger(20);
    rows.remove(0);
    assert_eq!(only(rows, claims), Finding::EntriesMissing { first: 0, last: 0 });
}

#[test]
fn a_ledger_that_was_cut_off_says_what_is_missing() {
    let (mut rows, claims) = ledger(20);
    rows.truncate(18);
    let finding = only(rows, claims);
    assert_eq!(finding, Finding::Truncated { first: 18, last: 19, signed: 20 });
    assert_eq!(finding.to_string(), "entries 18 to 19 were cut off: 20 entries were signed, 18 are there");
    let (_, claims) = ledger(3);
    assert_eq!(only(Vec::new(), claims), Finding::Truncated { first: 0, last: 2, signed: 3 });
}

#[test]
fn entries_that_nobody_signed_are_named() {
    let (rows, mut claims) = ledger(20);
    claims.truncate(15);
    assert_eq!(only(rows, claims), Finding::Unsigned { first: 15, last: 19 });
    let (rows, _) = ledger(1);
    assert_eq!(only(rows, Vec::new()), Finding::Unsigned { first: 0, last: 0 });
}

#[test]
fn an_entry_twice_or_moved_is_named() {
    let (mut rows, claims) = ledger(10);
    rows.insert(5, rows[4].clone());
    assert_eq!(only(rows, claims), Finding::EntryOutOfOrder { position: 4, expected: 5 });

    let (mut rows, claims) = ledger(10);
    let (third, fourth) = (rows[3].clone(), rows[4].clone());
    rows[3] = Row { position: 3, ..fourth };
    rows[4] = Row { position: 4, ..third };
    let findings = check(rows, claims).unwrap_err();
    assert!(findings.contains(&Finding::PositionDiffers { position: 3, inside: 4 }), "{findings:?}");
    assert!(findings.contains(&Finding::PositionDiffers { position: 4, inside: 3 }), "{findings:?}");
}

#[test]
fn bytes_that_are_no_entry_are_named_even_when_signed() {
    let signer = Signer::from_seed(SEED);
    for bytes in [&b"{}"[..], b"", b"\xff\xfe", br#"{"v":2,"position":0}"#] {
        let mut tree = Tree::new();
        let leaf_hash = tree.push(bytes).to_vec();
        let rows = vec![Row { position: 0, bytes: bytes.to_vec(), leaf_hash, remarks: Vec::new() }];
        let claims = vec![claim(signer.checkpoint(1, tree.root()))];
        assert!(matches!(only(rows, claims), Finding::EntryUnreadable { position: 0, .. }));
    }
}

#[test]
fn a_future_format_is_not_taken_for_a_known_one() {
    let mut entry = entry(0);
    entry.v = 2;
    let mut tree = Tree::new();
    let bytes = entry.to_bytes();
    let leaf_hash = tree.push(&bytes).to_vec();
    let claims = vec![claim(Signer::from_seed(SEED).checkpoint(1, tree.root()))];
    let finding = only(vec![Row { position: 0, bytes, leaf_hash, remarks: Vec::new() }], claims);
    assert!(finding.to_string().contains("format 2"), "{finding}");
}

#[test]
fn a_checkpoint_changed_anywhere_is_found() {
    let (rows, claims) = ledger(4);
    for which in 0..claims.len() {
        let (root_bits, signature_bits) = (claims[which].root.len() * 8, claims[which].signature.len() * 8);
        for bit in (0..root_bits).step_by(5) {
            let mut changed = claims.clone();
            changed[which].root[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(only(rows.clone(), changed), Finding::SignatureWrong { size: which as u64 + 1 });
        }
        for bit in (0..signature_bits).step_by(7) {
            let mut changed = claims.clone();
            changed[which].signature[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(only(rows.clone(), changed), Finding::SignatureWrong { size: which as u64 + 1 });
        }
    }
    let mut shortened = claims.clone();
    shortened[1].signature.pop();
    assert_eq!(only(rows.clone(), shortened), Finding::SignatureWrong { size: 2 });
    let mut repeated = claims.clone();
    repeated.insert(2, claims[1].clone());
    assert_eq!(only(rows, repeated), Finding::CheckpointOutOfOrder { size: 2, after: 2 });
}

#[test]
fn somebody_elses_signatures_are_not_accepted() {
    let (rows, claims) = ledger(3);
    let findings = verify(rows, claims, &Signer::from_seed([1; 32]).public_key()).unwrap_err();
    assert_eq!(findings.listed.len(), 3);
    assert!(findings.listed.iter().all(|finding| matches!(finding, Finding::SignatureWrong { .. })));
}

#[test]
fn the_list_of_findings_is_bounded() {
    let (mut rows, claims) = ledger(150);
    for row in &mut rows {
        row.bytes[0] ^= 1;
    }
    let findings = verify(rows, claims, &key()).unwrap_err();
    assert_eq!((findings.listed.len(), findings.more, findings.entries), (100, 50, 150));
    assert!(findings.to_string().ends_with("and 50 more"));
}

proptest! {
    #[test]
    fn any_change_to_any_byte_of_any_entry_names_that_entry(
        count in 1..40_u64, which: prop::sample::Index, at: prop::sample::Index, change in 1..=255_u8, hash: bool,
    ) {
        let (mut rows, claims) = ledger(count);
        let position = which.index(rows.len());
        let row = &mut rows[position];
        let target = if hash { &mut row.leaf_hash } else { &mut row.bytes };
        let index = at.index(target.len());
        target[index] ^= change;
        let finding = only(rows, claims);
        prop_assert_eq!(finding.positions(), Some(position as u64..=position as u64));
        prop_assert!(matches!(finding, Finding::EntryChanged { .. }), "{}", finding);
    }

    #[test]
    fn any_entry_left_out_is_named(count in 1..40_u64, which: prop::sample::Index) {
        let (mut rows, claims) = ledger(count);
        let position = which.index(rows.len());
        rows.remove(position);
        let named = only(rows, claims).positions();
        prop_assert_eq!(named, Some(position as u64..=position as u64));
    }
}
