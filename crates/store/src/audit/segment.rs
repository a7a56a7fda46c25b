//! Whether the stored observations are those that a fact made part of the record.
//!
//! The one fact an auditor has to understand: `segment-closed` names the first and the last block of a segment and
//! the SHA-256 over the stored bytes of all blocks between, each followed by a newline.

use ripcord_ledger::{Entry, to_hex, verify::Finding};
use rusqlite::{Connection, Error, params};
use serde::Deserialize;

#[derive(Deserialize)]
struct SegmentClosed {
    first_seq: u64,
    last_seq: u64,
    digest: String,
}

/// The finding if `entry` closes a segment whose blocks are others now.
pub(super) fn check(connection: &Connection, entry: &Entry) -> Result<Option<Finding>, Error> {
    if entry.kind().as_deref() != Some("segment-closed") {
        return Ok(None);
    }
    let (Some(release), Ok(segment)) =
        (&entry.release, serde_json::from_str::<SegmentClosed>(entry.fact.get()))
    else {
        return Ok(None);
    };
    let SegmentClosed { first_seq, last_seq, digest } = segment;
    if to_hex(&stored_digest(connection, release.as_str(), first_seq, last_seq)?) == digest {
        return Ok(None);
    }
    Ok(Some(Finding::SegmentDiffers { position: entry.position, first_seq, last_seq }))
}

fn stored_digest(
    connection: &Connection,
    release: &str,
    first_seq: u64,
    last_seq: u64,
) -> Result<[u8; 32], Error> {
    let sql = "SELECT bytes FROM blocks WHERE release = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq";
    let clamp = |seq| i64::try_from(seq).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![release, clamp(first_seq), clamp(last_seq)])?;
    let mut hash = hmac_sha256::Hash::new();
    while let Some(row) = rows.next()? {
        hash.update(row.get_ref(0)?.as_bytes().unwrap_or_default());
        hash.update(b"\n");
    }
    Ok(hash.finalize())
}
