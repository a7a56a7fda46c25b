//! One walk over the ledger from its first entry, comparing everything with everything.
//!
//! Two trees grow side by side: over the hashes of the bytes, and over the hashes stored beside them. As long as
//! one of them has the signed root, the entry where they differ is the only one changed, and is named alone.

use serde::Serialize;

use super::{
    finding::{Finding, Findings},
    merkle::{Counter, Hash, leaf},
};
use crate::{
    entry::{Entry, FORMAT},
    hex::{self, to_hex},
    key::PublicKey,
};

/// An entry as it was found, before anything about it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it is stored.
    pub position: u64,
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// The leaf hash stored beside them; 32 bytes if nobody changed it.
    pub leaf_hash: Vec<u8>,
    /// What the reader of the store found wrong around the entry. Counts only if the entry itself is right.
    pub remarks: Vec<Finding>,
}

/// A checkpoint as it was found, before anything about it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// How many entries it covers.
    pub size: u64,
    /// Their root; 32 bytes if nobody changed it.
    pub root: Vec<u8>,
    /// The signature; 64 bytes if nobody changed it.
    pub signature: Vec<u8>,
}

/// A ledger without findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many entries.
    pub entries: u64,
    /// How many signed checkpoints.
    pub checkpoints: u64,
    /// Merkle tree hash over all entries.
    #[serde(serialize_with = "hex::serialize")]
    pub root: Hash,
}

/// Compares entries, the hashes beside them and signed checkpoints. Entries are expected in the order of their
/// positions, checkpoints in the order of their sizes; each is looked at once and not kept.
pub fn verify(
    entries: impl IntoIterator<Item = Row>,
    checkpoints: impl IntoIterator<Item = Claim>,
    key: &PublicKey,
) -> Result<Verified, Findings> {
    let mut walk = Walk::new(key);
    let mut checkpoints = checkpoints.into_iter().peekable();
    for entry in entries {
        while let Some(checkpoint) = checkpoints.next_if(|checkpoint| checkpoint.size <= walk.next) {
            walk.checkpoint(&checkpoint);
        }
        walk.entry(&entry);
    }
    for checkpoint in checkpoints {
        walk.checkpoint(&checkpoint);
    }
    walk.finish()
}

struct Walk<'a> {
    key: &'a PublicKey,
    findings: Findings,
    /// The position that comes next.
    next: u64,
    entries: u64,
    by_bytes: Counter,
    by_stored_hash: Counter,
    /// Whether roots can be compared: not after a gap.
    comparable: bool,
    checkpoints: u64,
    /// The largest size a checkpoint spoke of.
    signed: u64,
    /// Entries covered by a checkpoint whose root is theirs.
    proven: u64,
}

impl<'a> Walk<'a> {
    fn new(key: &'a PublicKey) -> Self {
        Self {
            key,
            findings: Findings::none(),
            next: 0,
            entries: 0,
            by_bytes: Counter::default(),
            by_stored_hash: Counter::default(),
            comparable: true,
            checkpoints: 0,
            signed: 0,
            proven: 0,
        }
    }

    fn entry(&mut self, row: &Row) {
        self.entries += 1;
        if row.position < self.next {
            self.findings.add(Finding::EntryOutOfOrder { position: row.position, expected: self.next });
            return;
        }
        if row.position > self.next {
            self.findings.add(Finding::EntriesMissing { first: self.next, last: row.position - 1 });
            self.comparable = false;
        }
        self.next = row.position.saturating_add(1);
        let computed = leaf(&row.bytes);
        let stored = Hash::try_from(row.leaf_hash.as_slice()).unwrap_or(computed);
        self.by_bytes.push(computed);
        self.by_stored_hash.push(stored);
        if computed[..] == row.leaf_hash {
            self.content(row);
        } else {
            let (computed, stored) = (to_hex(&computed), to_hex(&row.leaf_hash));
            self.findings.add(Finding::EntryChanged { position: row.position, computed, stored });
        }
    }

    /// What the bytes say, once it is known that they are those that were hashed.
    fn content(&mut self, row: &Row) {
        let position = row.position;
        match Entry::from_bytes(&row.bytes) {
            Err(error) => {
                self.findings.add(Finding::EntryUnreadable { position, reason: error.to_string() });
            }
            Ok(entry) if entry.v != FORMAT => {
                let reason = format!("it has format {}, known is {FORMAT}", entry.v);
                self.findings.add(Finding::EntryUnreadable { position, reason });
            }
            Ok(entry) if entry.position != position => {
                self.findings.add(Finding::PositionDiffers { position, inside: entry.position });
            }
            Ok(_) => {
                for remark in &row.remarks {
                    self.findings.add(remark.clone());
                }
            }
        }
    }

    fn checkpoint(&mut self, claim: &Claim) {
        let size = claim.size;
        if self.checkpoints > 0 && size <= self.signed {
            self.findings.add(Finding::CheckpointOutOfOrder { size, after: self.signed });
            return;
        }
        self.checkpoints += 1;
        if !self.key.has_signed(&text(claim), &claim.signature) {
            self.findings.add(Finding::SignatureWrong { size });
            // What nobody signed must not make a ledger look cut off, unless nothing else is left to say so.
            self.signed = self.signed.max(size.min(self.next));
            return;
        }
        self.signed = size;
        if size == self.next && self.comparable {
            self.compare(claim);
        }
    }

    fn compare(&mut self, claim: &Claim) {
        let has_root = |tree: &Counter| tree.root()[..] == claim.root;
        if has_root(&self.by_bytes) || has_root(&self.by_stored_hash) {
            self.proven = claim.size;
        } else {
            let (first, last) = (self.proven, claim.size.saturating_sub(1));
            self.findings.add(Finding::RootDiffers { size: claim.size, first, last });
            // Every later root contains this difference: once is enough.
            self.comparable = false;
        }
    }

    fn finish(mut self) -> Result<Verified, Findings> {
        if self.signed > self.next {
            let (first, last, signed) = (self.next, self.signed - 1, self.signed);
            self.findings.add(Finding::Truncated { first, last, signed });
        }
        if self.signed < self.next {
            self.findings.add(Finding::Unsigned { first: self.signed, last: self.next - 1 });
        }
        if self.findings.listed.is_empty() {
            let root = self.by_bytes.root();
            return Ok(Verified { entries: self.entries, checkpoints: self.checkpoints, root });
        }
        self.findings.entries = self.entries;
        Err(self.findings)
    }
}

/// The text a checkpoint's signature is over, put together from what was found.
fn text(claim: &Claim) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    format!("ripcord.ledger.v1\n{}\n{}\n", claim.size, BASE64_STANDARD.encode(&claim.root))
}
