//! Checking proofs without the ledger, by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2 (the tree is the
//! one of RFC 6962).

use super::merkle::{Hash, leaf, node};

/// Whether `proof` shows that the entry `bytes` stands at `index` of the ledger with `size` entries and this `root`.
pub fn included(bytes: &[u8], index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut index, mut last, mut hash) = (index, size - 1, leaf(bytes));
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            hash = node(sibling, &hash);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the ledger with `new_size` entries and `new_root` begins with the ledger that had
/// `old_size` entries and `old_root`.
pub fn extended(old_size: u64, old_root: &Hash, new_size: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old_size == 0 || old_size == new_size {
        let roots_agree =
            if old_size == 0 { *old_root == hmac_sha256::Hash::hash(b"") } else { old_root == new_root };
        return roots_agree && proof.is_empty();
    }
    if old_size > new_size {
        return false;
    }
    // The proof leaves the old root out where it is a subtree of the new tree.
    let implied = old_size.is_power_of_two().then_some(old_root);
    let mut hashes = implied.into_iter().chain(proof);
    let Some(first) = hashes.next() else { return false };
    let shift = (old_size - 1).trailing_ones();
    let (mut old_last, mut new_last) = ((old_size - 1) >> shift, (new_size - 1) >> shift);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in hashes {
        if new_last == 0 {
            return false;
        }
        if old_last & 1 == 1 || old_last == new_last {
            old_hash = node(sibling, &old_hash);
            new_hash = node(sibling, &new_hash);
            while old_last & 1 == 0 && old_last != 0 {
                old_last >>= 1;
                new_last >>= 1;
            }
        } else {
            new_hash = node(&new_hash, sibling);
        }
        old_last >>= 1;
        new_last >>= 1;
    }
    new_last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{consistency_proof, hex::to_hex, inclusion_proof, leaf_hash, merkle::Tree, vectors::LEAVES};

    fn ledger(size: u32) -> (Vec<[u8; 4]>, Vec<Hash>, Vec<Hash>) {
        let entries: Vec<[u8; 4]> = (0..size).map(u32::to_be_bytes).collect();
        let mut tree = Tree::new();
        let mut roots = vec![tree.root()];
        for entry in &entries {
            tree.push(entry);
            roots.push(tree.root());
        }
        let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
        (entries, leaves, roots)
    }

    #[test]
    fn proofs_are_those_of_certificate_transparency() {
        let leaves: Vec<Hash> = LEAVES.iter().map(|bytes| leaf_hash(bytes)).collect();
        let hex = |proof: Vec<Hash>| proof.iter().map(|hash| to_hex(hash)).collect::<Vec<_>>();
        assert_eq!(
            hex(inclusion_proof(&leaves, 5).unwrap()),
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        assert_eq!(
            hex(consistency_proof(&leaves, 6).unwrap()),
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
    }

    #[test]
    fn every_entry_of_every_ledger_is_proven_and_nothing_else_is() {
        for size in 1..=33_u32 {
            let (entries, leaves, roots) = ledger(size);
            let root = roots.last().unwrap();
            for (index, entry) in entries.iter().enumerate() {
                let proof = inclusion_proof(&leaves, index).unwrap();
                let (at, size) = (index as u64, u64::from(size));
                assert!(included(entry, at, size, &proof, root), "{index} of {size}");
                assert!(!included(b"other", at, size, &proof, root));
                assert!(!included(entry, at + 1, size, &proof, root));
                assert!(!included(entry, at, size, &[&proof[..], &[[0; 32]]].concat(), root));
            }
            assert_eq!(inclusion_proof(&leaves, size as usize), None);
        }
    }

    #[test]
    fn growth_is_proven_and_a_rewritten_past_is_not() {
        let (_, leaves, roots) = ledger(33);
        for new in 0..=33_usize {
            for old in 0..=new {
                let proof = consistency_proof(&leaves[..new], old).unwrap();
                let check =
                    |old_root, proof: &[Hash]| extended(old as u64, old_root, new as u64, &roots[new], proof);
                assert!(check(&roots[old], &proof), "{old} to {new}");
                assert!(!check(&[9; 32], &proof), "{old} to {new}");
                for index in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[index][7] ^= 1;
                    assert!(!check(&roots[old], &changed), "{old} to {new}, hash {index}");
                }
            }
        }
        assert_eq!(consistency_proof(&leaves, 34), None);
    }
}
