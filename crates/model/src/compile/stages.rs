//! How traffic grows.

use crate::{Duration, Share, blueprint::Stage, plan::Stages};

/// The stages of a preset, or of the author.
pub(crate) fn compile(stages: &Stages) -> Vec<Stage> {
    match stages {
        Stages::Standard => vec![
            stage(1, Duration::from_mins(30), 500),
            stage(10, Duration::from_mins(120), 1_000),
            stage(50, Duration::from_mins(240), 1_000),
            stage(100, Duration::from_mins(24 * 60), 0),
        ],
        Stages::Small => vec![
            stage(1, Duration::from_mins(5), 50),
            stage(10, Duration::from_mins(15), 100),
            stage(50, Duration::from_mins(30), 100),
            stage(100, Duration::from_mins(120), 0),
        ],
        Stages::Listed(listed) => listed
            .iter()
            .map(|entry| Stage {
                share: entry.share.value,
                dwell: entry.dwell.map_or(Duration::ZERO, |dwell| dwell.value),
                min_requests: entry.at_least.map_or(0, |requests| requests.value),
            })
            .collect(),
    }
}

const fn stage(percent: u32, dwell: Duration, min_requests: u64) -> Stage {
    Stage { share: Share::percent(percent), dwell, min_requests }
}
