//! The verifier's Merkle tree, written from RFC 6962, section 2.1, without a look at the writer's.

/// A SHA-256 value.
pub(super) type Hash = [u8; 32];

/// MTH({d}) = SHA-256(0x00 || d).
pub(super) fn leaf(bytes: &[u8]) -> Hash {
    let mut hash = hmac_sha256::Hash::new();
    hash.update([0]);
    hash.update(bytes);
    hash.finalize()
}

/// SHA-256(0x01 || left || right).
pub(super) fn node(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1; 65];
    input[1..33].copy_from_slice(left);
    input[33..].copy_from_slice(right);
    hmac_sha256::Hash::hash(&input)
}

/// A binary counter whose digit `i` holds the root of a complete subtree of 2^i leaves.
#[derive(Default)]
pub(super) struct Counter {
    digits: Vec<Option<Hash>>,
}

impl Counter {
    /// Counts one leaf more.
    pub(super) fn push(&mut self, leaf: Hash) {
        let mut carry = leaf;
        for digit in &mut self.digits {
            match digit.take() {
                Some(left) => carry = node(&left, &carry),
                None => {
                    *digit = Some(carry);
                    return;
                }
            }
        }
        self.digits.push(Some(carry));
    }

    /// MTH over all leaves. The split at the largest power of two smaller than n puts complete subtrees to the
    /// left, so the smallest one is joined first.
    pub(super) fn root(&self) -> Hash {
        let subtrees = self.digits.iter().flatten();
        let joined = subtrees
            .fold(None, |right: Option<Hash>, left| Some(right.map_or(*left, |right| node(left, &right))));
        joined.unwrap_or_else(|| hmac_sha256::Hash::hash(b""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        hex::to_hex,
        vectors::{LEAVES, ROOTS},
    };

    /// MTH as the RFC defines it, by recursion over all leaves.
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => hmac_sha256::Hash::hash(b""),
            [only] => *only,
            _ => {
                let mut k = 1;
                while k * 2 < leaves.len() {
                    k *= 2;
                }
                node(&mth(&leaves[..k]), &mth(&leaves[k..]))
            }
        }
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let mut counter = Counter::default();
        assert_eq!(to_hex(&counter.root()), ROOTS[0]);
        for (bytes, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            counter.push(leaf(bytes));
            assert_eq!(to_hex(&counter.root()), *root);
        }
    }

    #[test]
    fn writer_verifier_and_the_definition_agree_at_every_size() {
        let (mut counter, mut tree, mut leaves) = (Counter::default(), crate::Tree::new(), Vec::new());
        for number in 0..300_u32 {
            assert_eq!(counter.root(), mth(&leaves), "size {number}");
            assert_eq!(tree.root(), mth(&leaves), "size {number}");
            let bytes = number.to_be_bytes();
            leaves.push(leaf(&bytes));
            counter.push(leaf(&bytes));
            assert_eq!(tree.push(&bytes), leaf(&bytes));
        }
    }
}
