//! Flags.

use ripcord_model::EnvironmentName;

use super::{Client, ClientError};
use crate::{
    api::{FlagChange, FlagClients},
    flags::FlagsView,
};

impl Client {
    /// All flags of an environment.
    pub async fn flags(&self, environment: &EnvironmentName) -> Result<FlagsView, ClientError> {
        self.get(&format!("/v1/flags/{environment}")).await
    }

    /// Changes flags; answers with all of them.
    pub async fn change_flags(
        &self,
        environment: &EnvironmentName,
        change: &FlagChange,
    ) -> Result<FlagsView, ClientError> {
        self.post(&format!("/v1/flags/{environment}"), change).await
    }

    /// Waits at most `wait_ms` until every client that is there has heard of a change.
    pub async fn flag_clients(
        &self,
        environment: &EnvironmentName,
        revision: Option<u64>,
        wait_ms: u64,
    ) -> Result<FlagClients, ClientError> {
        let revision = revision.map_or_else(String::new, |revision| format!("revision={revision}&"));
        self.get(&format!("/v1/flags/{environment}/clients?{revision}wait_ms={wait_ms}")).await
    }
}
