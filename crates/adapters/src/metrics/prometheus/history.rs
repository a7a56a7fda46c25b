//! The past as it would have been read then: for rules replayed over recorded history.

use ripcord_model::{
    Timestamp,
    blueprint::{MetricsBinding, MetricsKind, Signal},
};

use super::Prometheus;
use crate::port::{AdapterError, Reading, Sides};

/// A Prometheus server asked as of instants of the past, one after the other, with the queries of a release.
pub struct History {
    source: Prometheus,
}

impl History {
    /// The server a blueprint names. Nothing is asked yet.
    ///
    /// # Errors
    /// [`AdapterError::Permanent`] when the source keeps no past, or when the binding cannot work.
    pub fn connect(binding: &MetricsBinding) -> Result<Self, AdapterError> {
        match &binding.source {
            MetricsKind::Scrape { .. } => Err(AdapterError::Permanent(
                "instances that are scraped keep no past: record a series, or name a Prometheus server"
                    .to_owned(),
            )),
            MetricsKind::Prometheus { url, version_label } => {
                let source = Prometheus::new(url, version_label, binding.timeout.to_std())?;
                Ok(Self { source })
            }
        }
    }

    /// What a release would have read at `at`, which grows from call to call. The first reading of a counter gives no
    /// sample.
    ///
    /// # Errors
    /// [`AdapterError::Transient`] when the server does not answer.
    pub async fn read(
        &mut self,
        at: Timestamp,
        signals: &[Signal],
        sides: &Sides,
    ) -> Result<Reading, AdapterError> {
        self.source.read_as_of((at, Some(at)), signals, sides).await
    }
}
