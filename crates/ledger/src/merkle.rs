//! The writer's side of the Merkle tree of RFC 6962, section 2.1: hashes, and a tree that only grows.
//!
//! The verifier has its own implementation in [`crate::verify`] and must never call this one.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256(0x00 || bytes).
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(bytes).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 || left || right).
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// A Merkle tree that only grows. Keeps the roots of its complete subtrees and nothing else: at most 64 hashes,
/// whatever its size.
///
/// Invariant: one peak per set bit of `size`, largest subtree first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the entry `bytes` and returns its leaf hash.
    pub fn push(&mut self, bytes: &[u8]) -> Hash {
        let leaf = leaf_hash(bytes);
        self.push_leaf_hash(leaf);
        leaf
    }

    /// Adds a leaf whose hash is known already.
    pub fn push_leaf_hash(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Adding one to a binary number: every trailing 1 is a subtree that is now half of a larger one.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("there is one peak per set bit of the size");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The Merkle tree hash over all leaves; SHA-256 of nothing for the empty tree.
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.peaks.iter().rev();
        let Some(smallest) = smallest_first.next() else { return Sha256::digest([]).into() };
        smallest_first.fold(*smallest, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::to_hex;

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::new();
        assert_eq!(to_hex(&tree.root()), crate::vectors::ROOTS[0]);
        for (leaf, root) in crate::vectors::LEAVES.iter().zip(&crate::vectors::ROOTS[1..]) {
            tree.push(leaf);
            assert_eq!(to_hex(&tree.root()), *root, "with {} leaves", tree.size());
        }
        assert_eq!(tree.size(), 8);
    }

    #[test]
    fn a_leaf_is_not_mistaken_for_a_node() {
        // The second-preimage attack that the prefixes exist for: a leaf made of two hashes.
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        assert_ne!(leaf_hash(&[left, right].concat()), node_hash(&left, &right));
    }
}
