//! Verdicts: judgements on the signals. Their names and fields are a file format; see `docs/ledger.md` before changing
//! any.

use ripcord_model::{SignalName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::EvidenceRecord;

/// A judgement on the signals, with the numbers that made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Which.
    pub kind: VerdictKind,
    /// The signal that decided, for rules.
    pub signal: Option<SignalName>,
    /// The rule as people write it.
    pub rule: Option<String>,
    /// One sentence with the numbers: `submit errors: v2 3.1 % against v1 0.9 %, 41 of 1,322 against 402 of 44,700;
    /// chance of a false alarm this strong under 1 in 12,000`.
    pub reason: String,
    /// For evidence rules: natural logarithm of their combined e-value, and the threshold ln(1/alpha) it crossed.
    pub log_e: Option<f64>,
    /// See [`Verdict::log_e`].
    pub threshold: Option<f64>,
    /// The last block it is based on.
    pub block: u64,
    /// When the harm seems to have begun.
    pub harm_began: Option<Timestamp>,
    /// Every number of the evidence behind it; `None` where no rule is decided by evidence, and in entries of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<EvidenceRecord>>,
}

/// The judgement itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictKind {
    /// The next stage may begin.
    Advance,
    /// Wait.
    Hold,
    /// Stop the bleeding.
    Contain,
    /// Go back.
    Rollback,
    /// Nothing can be said.
    Blind,
}
