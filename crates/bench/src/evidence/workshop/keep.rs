//! Results on disk.

use std::{fs, io::Write as _, path::PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Tally, cell::Plan};

/// Raised whenever the same parameters mean other traces than before.
const SIMULATION: u32 = 1;

/// The folder of results.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) folder: PathBuf,
    pub(super) behaviour: String,
    pub(super) fresh: bool,
}

/// One file.
#[derive(Serialize, Deserialize)]
struct File<T> {
    parameters: String,
    runs: u64,
    behaviour: String,
    simulation: u32,
    tally: T,
}

impl Kept {
    /// What the cell measured before; `None` when it did not, or is to be measured afresh, or the file is damaged.
    pub(super) fn read<T: Tally>(&self, plan: &Plan) -> Option<T> {
        if self.fresh {
            return None;
        }
        let file: File<T> = serde_json::from_slice(&fs::read(self.path(plan)).ok()?).ok()?;
        let same = file.parameters == plan.parameters
            && file.runs == plan.runs
            && file.behaviour == self.behaviour
            && file.simulation == SIMULATION;
        same.then_some(file.tally)
    }

    /// Keeps it; a crash leaves the old file or the new one.
    pub(super) fn write<T: Tally>(&self, plan: &Plan, tally: &T) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let file = File {
            parameters: plan.parameters.clone(),
            runs: plan.runs,
            behaviour: self.behaviour.clone(),
            simulation: SIMULATION,
            tally,
        };
        let path = self.path(plan);
        let beside = path.with_extension("part");
        let mut part = fs::File::create(&beside)?;
        serde_json::to_writer(&mut part, &file).map_err(std::io::Error::other)?;
        part.flush()?;
        fs::rename(beside, path)
    }

    fn path(&self, plan: &Plan) -> PathBuf {
        let identity = format!("{SIMULATION} {} {} {}", self.behaviour, plan.runs, plan.parameters);
        self.folder.join(format!("{}.json", digest(&identity)))
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of a text.
pub(crate) fn digest(text: &str) -> String {
    format!("{:016x}", number(text))
}

/// The first 8 bytes of the SHA-256 of a text.
pub(super) fn number(text: &str) -> u64 {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
