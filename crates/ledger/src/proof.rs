//! The writer's side of proofs: that an entry is in a ledger, and that a ledger only grew.
//!
//! Definitions of RFC 6962, sections 2.1.1 and 2.1.2, word for word. Whoever receives a proof checks it with
//! [`crate::verify::included`] and [`crate::verify::extended`].

use crate::merkle::{Hash, Tree, node_hash};

/// The hashes that lead from leaf `index` to the root over all of `leaves`, nearest first: PATH(m, D\[n\]).
/// `None` when there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    (index < leaves.len()).then(|| path(index, leaves))
}

/// The hashes that show that the tree over the first `old_size` of `leaves` is the beginning of the tree over all
/// of them: PROOF(m, D\[n\]). `None` when there are fewer than `old_size` leaves. Empty for 0 and for all.
pub fn consistency_proof(leaves: &[Hash], old_size: usize) -> Option<Vec<Hash>> {
    match old_size {
        0 => Some(Vec::new()),
        _ if old_size > leaves.len() => None,
        _ => Some(subproof(old_size, leaves, true)),
    }
}

fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = if index < left.len() {
        (path(index, left), root(right))
    } else {
        (path(index - left.len(), right), root(left))
    };
    proof.push(sibling);
    proof
}

fn subproof(old_size: usize, leaves: &[Hash], old_root_is_known: bool) -> Vec<Hash> {
    if old_size == leaves.len() {
        return if old_root_is_known { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = if old_size <= left.len() {
        (subproof(old_size, left, old_root_is_known), root(right))
    } else {
        (subproof(old_size - left.len(), right, false), root(left))
    };
    proof.push(sibling);
    proof
}

/// The largest power of two smaller than `len`.
fn split(len: usize) -> usize {
    len.next_power_of_two() / 2
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Tree::new().root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}
