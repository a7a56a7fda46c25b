//! What every test remembers: how far it is, how strong its evidence is and was.

use serde::{Deserialize, Serialize};

use crate::{
    absorbed::{Absorbed, Refused},
    fingerprint::Fingerprint,
    stored::{self, Version},
};

/// The part of a state that all tests share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    version: Version,
    config: Fingerprint,
    last_seq: Option<u64>,
    blocks: u64,
    #[serde(deserialize_with = "stored::finite")]
    log_e: f64,
    #[serde(deserialize_with = "stored::finite")]
    log_e_peak: f64,
    lowest: Option<Lowest>,
}

/// Where the evidence was lowest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lowest {
    #[serde(deserialize_with = "stored::finite")]
    log_e: f64,
    seq: u64,
}

impl Progress {
    pub(crate) fn new(config: Fingerprint) -> Self {
        Self {
            version: Version,
            config,
            last_seq: None,
            blocks: 0,
            log_e: 0.0,
            log_e_peak: 0.0,
            lowest: None,
        }
    }

    /// Refuses another configuration than the one it was made with.
    pub(crate) fn check(&self, config: Fingerprint) -> Result<(), Refused> {
        if self.config == config { Ok(()) } else { Err(Refused::OtherConfig { state: self.config, config }) }
    }

    /// Whether block `seq` was seen before, or is older than one that was.
    pub(crate) fn has_seen(&self, seq: u64) -> bool {
        self.last_seq.is_some_and(|last| seq <= last)
    }

    /// Takes in block `seq`, which was checked. `absorb` gets the block's number counted from 0 and answers the natural
    /// logarithm of the evidence after it; `None` when the block said nothing.
    pub(crate) fn take(&mut self, seq: u64, absorb: impl FnOnce(u64) -> Option<f64>) -> Absorbed {
        if self.has_seen(seq) {
            return Absorbed::Ignored;
        }
        let said = absorb(self.blocks);
        self.last_seq = Some(seq);
        self.blocks += 1;
        let Some(log_e) = said else {
            return Absorbed::Nothing;
        };
        self.log_e = log_e;
        self.log_e_peak = self.log_e_peak.max(log_e);
        if self.lowest.is_none_or(|lowest| log_e <= lowest.log_e) {
            self.lowest = Some(Lowest { log_e, seq });
        }
        Absorbed::Counted
    }

    pub(crate) fn config(&self) -> Fingerprint {
        self.config
    }

    pub(crate) fn last_seq(&self) -> Option<u64> {
        self.last_seq
    }

    pub(crate) fn blocks(&self) -> u64 {
        self.blocks
    }

    pub(crate) fn log_e(&self) -> f64 {
        self.log_e
    }

    pub(crate) fn log_e_peak(&self) -> f64 {
        self.log_e_peak
    }

    pub(crate) fn harm_began(&self) -> Option<u64> {
        self.lowest.map(|lowest| lowest.seq)
    }
}
