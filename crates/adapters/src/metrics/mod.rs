//! Where numbers come from. One file or folder per source; all share how raw series become samples.
//!
//! A source answers with raw series (`raw`); `assembler` turns those of both arms into a reading. A new source
//! implements [`crate::port::Metrics`] with them and adds one arm to [`connect`].
//!
//! Invariant: silence is never zero. What a source did not say is absent from the reading, with the reason beside it.

mod arms;
mod assembler;
mod counters;
mod exposition;
mod fetch;
mod heard;
mod histogram;
mod pattern;
mod pending;
mod plan;
mod prometheus;
mod raw;
mod scrape;
mod selector;
mod trailing;

use ripcord_model::blueprint::{MetricsBinding, MetricsKind};

use crate::port::{AdapterError, Metrics};

/// The source a blueprint names. Nothing is asked yet.
///
/// # Errors
/// [`AdapterError::Permanent`] when the binding cannot work: a path without `/`, a URL that is not one.
pub fn connect(binding: &MetricsBinding) -> Result<Box<dyn Metrics>, AdapterError> {
    let timeout = binding.timeout.to_std();
    Ok(match &binding.source {
        MetricsKind::Scrape { path } => Box::new(scrape::Scrape::new(path, timeout)?),
        MetricsKind::Prometheus { url, version_label } => {
            Box::new(prometheus::Prometheus::new(url, version_label, timeout)?)
        }
    })
}
