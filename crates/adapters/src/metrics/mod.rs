//! Where numbers come from. One file or folder per source; all share how raw series become samples.
//!
//! A source answers with raw series (`raw`); `assembler` turns those of both arms into a reading. A new source
//! implements [`crate::port::Metrics`] with them and adds one arm to [`connect`].
//!
//! Invariant: silence is never zero. What a source did not say is absent from the reading, with the reason beside it.

mod arms;
mod assembler;
mod buckets;
mod counters;
mod exposition;
mod fetch;
mod grouped;
mod heard;
mod latency;
mod memory;
mod pattern;
mod pending;
mod plan;
mod prometheus;
mod raw;
mod scrape;
mod selector;
mod tally;
mod trailing;
mod troubles;

use ripcord_model::blueprint::{MetricsBinding, MetricsKind, RouterBinding};

pub use self::prometheus::History;
use self::scrape::EdgeAt;
use crate::{
    Context,
    port::{AdapterError, Metrics},
};

/// The source a blueprint names, where no edge splits the traffic. Nothing is asked yet.
///
/// # Errors
/// [`AdapterError::Permanent`] when the binding cannot work: a path without `/`, a URL that is not one.
pub fn connect(binding: &MetricsBinding) -> Result<Box<dyn Metrics>, AdapterError> {
    connect_to(binding, None)
}

/// The source a blueprint names, beside the router that splits the traffic: signals on `ripcord_edge_*` are asked of the
/// edge itself when instances are scraped. Nothing is asked yet.
///
/// # Errors
/// As [`connect`].
pub fn connect_beside(
    binding: &MetricsBinding,
    router: &RouterBinding,
    context: &Context,
) -> Result<Box<dyn Metrics>, AdapterError> {
    let edge = match router {
        RouterBinding::Edge(_) => Some(EdgeAt::new(context.edge_state())),
        RouterBinding::Nginx(_) => None,
    };
    connect_to(binding, edge)
}

fn connect_to(binding: &MetricsBinding, edge: Option<EdgeAt>) -> Result<Box<dyn Metrics>, AdapterError> {
    let timeout = binding.timeout.to_std();
    Ok(match &binding.source {
        MetricsKind::Scrape { path } => Box::new(scrape::Scrape::new(path, edge, timeout)?),
        MetricsKind::Prometheus { url, version_label } => {
            Box::new(prometheus::Prometheus::new(url, version_label, timeout)?)
        }
    })
}

/// A quantile from a classic histogram, as Prometheus computes it: linear inside a bucket, the last bound above it.
/// `counts` are per bucket, not cumulative, one more than `bounds`. `None` of nothing.
pub fn quantile(bounds: &[f64], counts: &[u64], q: f64) -> Option<f64> {
    let mut below = 0.0;
    let cumulative = counts.iter().map(|count| {
        below += *count as f64;
        below
    });
    let bounds = bounds.iter().copied().chain([f64::INFINITY]);
    buckets::Buckets::of(bounds.zip(cumulative))?.quantile(q)
}
