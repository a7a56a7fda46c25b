//! The written shape of `rehearse:` in an environment of `ripcord.yaml`.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use schemars::JsonSchema;

use super::text::{DurationText, OneOrMany};

/// How rehearsals are run here.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Rehearse {
    /// How long last good is watched before the candidate comes; 10s.
    baseline: Option<DurationText>,
    /// How long the candidate has traffic before the way back begins; 20s.
    traffic: Option<DurationText>,
    /// What is asked of the router meanwhile, `/path`, `POST /path` or `POST /path BODY`; the probes' paths.
    path: Option<OneOrMany<String>>,
    /// Requests per second; 20.
    #[schemars(range(min = 1, max = 200))]
    rate: Option<u32>,
}
