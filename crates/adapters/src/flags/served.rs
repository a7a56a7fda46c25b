//! Flags that Ripcord serves itself, where no server runs: nothing can switch them, and the way back says so.

use async_trait::async_trait;

use crate::port::{AdapterError, Flags};

/// Refuses.
pub(super) struct NeedsServer;

#[async_trait]
impl Flags for NeedsServer {
    async fn set(&self, flag: &str, on: bool) -> Result<bool, AdapterError> {
        let state = if on { "on" } else { "off" };
        Err(AdapterError::Permanent(format!(
            "flag {flag} cannot be set to {state}: Ripcord serves it, and no server runs here; go back at level deploy"
        )))
    }

    async fn get(&self, flag: &str) -> Result<bool, AdapterError> {
        Err(AdapterError::Permanent(format!(
            "flag {flag} cannot be read: Ripcord serves it, and no server runs here"
        )))
    }
}
