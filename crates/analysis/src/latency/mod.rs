//! Latency from histogram buckets: are more of the canary's requests slow than of the control's?
//!
//! Edges are bucket bounds near quantiles of what the control showed first. Once they are frozen, requests above an edge
//! are bad events, each edge has a rate ratio of its own (see [`crate::rate_ratio`]), and the e-values are averaged.
//!
//! - *Learning*: nothing is evidence until the control has shown 500 requests, or 30 blocks with at least 50 requests in
//!   all. Then edges are chosen from that history alone, so they do not depend on any block they judge.
//! - *Margin* `d`: the canary's requests above the smallest bound at least `(1 + d)` times the edge are compared with
//!   the control's above the edge. Buckets coarser than the margin make the test blind to smaller changes, never wrong.
//! - *Null hypothesis* for bets above one: at every edge, as many of the canary's requests are above `(1 + d)` times
//!   the edge as of the control's are above the edge, or fewer. It is implied by "canary latency is at most `1 + d` times
//!   control latency" as whole distributions.
//! - *Safety* (bets below one) has to hold at every edge, so there the e-value is the smallest over the edges; and the
//!   canary's edge is the largest bound at most `(1 + d)` times the control's, so that coarse buckets hide nothing.
//! - *Assumptions*: as for the rate ratio; the source keeps its buckets. At an edge near the median the rate ratio is
//!   exact but gives some evidence away.

mod config;
mod edges;
mod state;

pub use config::LatencyConfig;
pub use edges::EDGES_MAX;
pub use state::Edge;

pub(crate) use state::{Histogram, Latency, above};
