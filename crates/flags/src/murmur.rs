//! MurmurHash3_x86_32 with seed 0, which every version of `fractional` uses.
//!
//! Source: Austin Appleby, `MurmurHash3.cpp` (public domain). Own code because the crates that have it are left alone or
//! read memory without checks, and because it is thirty lines that must never change: a user's bucket hangs on it.

/// The hash of `bytes`.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    let mut blocks = bytes.chunks_exact(4);
    let mut hash = 0_u32;
    for block in &mut blocks {
        let word = u32::from_le_bytes([block[0], block[1], block[2], block[3]]);
        hash = (hash ^ mixed(word)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let rest = blocks.remainder();
    let word = rest.iter().rev().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    if !rest.is_empty() {
        hash ^= mixed(word);
    }
    // The algorithm takes the length modulo 2^32.
    #[expect(clippy::cast_possible_truncation)]
    let length = bytes.len() as u32;
    finished(hash ^ length)
}

fn mixed(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

fn finished(mut hash: u32) -> u32 {
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn it_is_the_reference_implementation() {
        let expected: [(&[u8], u32); 6] = [
            (b"", 0),
            (b"hello", 0x248b_fa47),
            (b"foo", 0xf6a5_c420),
            (b"The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
            (b"ab", 0x9bbf_d75f),
            (b"abcd", 0x43ed_676a),
        ];
        for (bytes, value) in expected {
            assert_eq!(hash(bytes), value, "{bytes:?}");
        }
    }

    /// Keys whose hashes lie at the edges, as flagd's testbed uses them (Apache-2.0, open-feature/flagd-testbed).
    #[test]
    fn keys_at_the_edges() {
        let expected = [
            ("ejOoVL", 0),
            ("bY9fO-", 1),
            ("SI7p-", 0x7fff_ffff),
            ("6LvT0", 0x8000_0000),
            ("ceQdGm", u32::MAX),
        ];
        for (key, value) in expected {
            assert_eq!(hash(key.as_bytes()), value, "{key}");
        }
    }
}
