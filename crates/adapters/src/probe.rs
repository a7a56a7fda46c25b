//! Probes: one HTTP question to one instance.

use ripcord_engine::Instance;
use ripcord_model::blueprint::Probe;

use crate::{http, port::AdapterError};

/// Asks `instance` once; `Ok` when it answers with the expected status in time.
pub async fn check(probe: &Probe, instance: &Instance) -> Result<(), AdapterError> {
    let path = probe.path.trim_start_matches('/');
    let url = format!("http://{}/{path}", instance.address);
    let client = http::client(&url, probe.timeout.to_std(), false)?;
    let about = format!("probe of {} at {url}", instance.version);
    match client.get(&url).send().await {
        Ok(answer) if answer.status().as_u16() == probe.status => Ok(()),
        Ok(answer) => Err(AdapterError::Transient(format!(
            "{about} answered {}, expected {}",
            answer.status().as_u16(),
            probe.status
        ))),
        Err(error) if error.is_timeout() => {
            Err(AdapterError::Transient(format!("{about} did not answer within {}", probe.timeout.human())))
        }
        Err(error) => Err(AdapterError::Transient(format!("{about} failed: {}", http::chain(&error)))),
    }
}
